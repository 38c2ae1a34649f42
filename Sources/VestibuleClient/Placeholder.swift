import AsyncHTTPClient
import Subprocess

enum Placeholder {}
