# SPDX-License-Identifier: Apache-2.0
# Copyright (c) 2026 The Sluice authors.

"""What the randomised test (tests/random-operations.py) is made of:

    model.py        who may talk to whom, from what was done alone
    operations.py   what can happen, and how likely
    world.py        a laboratory in which it is made to happen
    switch.py       one hypervisor of it, as seen from outside
    compare.py      what a quiet world is compared in, with the model
"""
