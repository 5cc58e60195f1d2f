"""The state of several processes, kept in Redis or Valkey.

Every object (an account, or what all accounts share) is a log that the processes replay:
whoever changes it locks it, replays what others did, changes its copy, and appends what it
did as one entry. Whatever is killed has done a section whole or not at all.
"""
