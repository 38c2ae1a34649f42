# The two commands are `make run` and `make test`; everything they need, they install.

.PHONY: lint format

lint:
	swift format lint --recursive --strict Sources Tests Package.swift

format:
	swift format --in-place --recursive Sources Tests Package.swift
