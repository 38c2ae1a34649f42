import ArgumentParser
import Yams

enum Placeholder {}
