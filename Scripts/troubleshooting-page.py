"""Makes the page that a server shows at /docs/troubleshooting from docs/troubleshooting.md (standard input to output)."""

import re
import sys

import markdown

TEMPLATE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Troubleshooting by reason · Vestibule</title>
<link rel="icon" href="/web/page/icon.svg" type="image/svg+xml">
<link rel="stylesheet" href="/web/page/theme.css">
<link rel="stylesheet" href="/web/page/document.css">
</head>
<body>
<main class="document">
<p><a href="/">Vestibule</a></p>
{body}
</main>
</body>
</html>
"""


def main():
    text = sys.stdin.read()
    # The address of a reason is the reason itself; pages beside this one are not served.
    convert = markdown.Markdown(
        extensions=["tables", "fenced_code", "toc"],
        extension_configs={"toc": {"slugify": lambda title, _: re.sub(r"[^\w]+", "-", title.lower()).strip("-")}})
    body = convert.convert(text)
    body = re.sub(r'<a href="(?!#|https?:)[^"]*">(.*?)</a>', r"\1", body)
    sys.stdout.write(TEMPLATE.format(body=body))


if __name__ == "__main__":
    main()
