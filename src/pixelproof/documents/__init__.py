"""The files of a contract: YAML with its lines, woven, read into values, held against itself, written as a page."""
