"""Demo content: people, boards and photos that fill a running Bowerbird through its public API alone, like anyone's.

`content` says what there is, the `gather` files fetch its photos from package registries, `drawn` makes pictures where
no photo is to be had, and the `fill` files put it all in. A run adds only what is missing, so it can be killed and
begun again.
"""
