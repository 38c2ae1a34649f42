#pragma once
#include <stddef.h>
#include <stdint.h>

// From libFuzzer, which a Swift toolchain for Linux brings along: runs the fuzzer with the program's own arguments.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));
