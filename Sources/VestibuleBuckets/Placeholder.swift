import XMLCoder

enum Placeholder {}
