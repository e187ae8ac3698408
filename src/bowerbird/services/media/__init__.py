"""Media: pictures, from an upload or a page, verified by decoding, cleaned, and kept once a person in every size.

Owns upload, picture and picture_use rows and every blob. Bytes are stored before the row that names them, so a row
never names what is not there. While the pixel hands are busy or the blobs away, callers get Unavailable and nothing has
changed. A picture that nothing shows for a day is deleted, as is an upload that was not completed in time, and what a
crash left of either. An upload that is only looked at ends with that, and its bytes go. With an account goes all that
it had, in every state.

It calls no other service. Where it is a process of its own and does not answer, pins, boards and feeds are there, since
pins carry what they show; pictures are not, and nothing can be uploaded.
"""
