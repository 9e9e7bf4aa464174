"""Sessions as other programs keep them on the disk, one module a program. All is read, and nothing written.

Each module has `fits`, which looks whether a file or folder is of its program, and `read`, which gives its sessions one
by one, and what of it cannot be read.
"""
