"""Hostile input of every kind that comes from outside, made at random from a seed.

A kind is a module with one function ``attack(chance, folder)``: it makes one hostile input in an empty folder, lets
plainwiki work on it, and raises AssertionError where a promise is broken.  ``KINDS`` in ``__main__`` lists them;
``tests/security/test_attack.py`` makes a few tries of each, ``make soak-attack`` makes them for as long as one likes.
"""
