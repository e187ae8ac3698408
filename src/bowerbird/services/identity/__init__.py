"""Identity: owns people, how they sign in, and that their names and addresses are theirs alone.

A person's rows lie on one random shard; handles and e-mail addresses are claims on the shard of their hash. A session's
token is checked by its signature and one read of the person's row, so that a revocation holds from the next request
on; whoever is unknown gets the same answer after the same work as whoever mistypes a password.

Deleting an account removes what signs the person in, in one unit with its event, and then destroys the key of all that
was sealed for them: at once here, within 60 s in every process. Sweeps finish within the hour what a crash cut off.

When the writer is down, people stay signed in and are shown as they are; nothing of theirs can change (Unavailable).
When safety is down, nobody can register, sign in or prove a password (Unavailable): attempts are never uncounted.
Media is asked for profile pictures only.
"""
