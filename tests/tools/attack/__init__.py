"""Fuzzing: random hostile inputs of every kind, reproducible from a seed.

A kind is a module with one function ``attack(chance, folder)``: it makes one hostile input in an empty folder, runs
plainwiki on it, and raises AssertionError if a promise is broken.  ``KINDS`` in ``__main__`` lists them;
``tests/security/test_attack.py`` makes a few tries of each, ``make soak-attack`` any number.
"""
