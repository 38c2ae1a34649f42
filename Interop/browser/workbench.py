"""The front page's tools, used as a person uses them."""


def run_tool(page, tool, **arguments):
    """Chooses a tool, fills its form, calls it, and gives the place of its result once that is there."""
    page.locator(f"a[href='#tool-{tool}']").click()
    form = page.get_by_role("form", name=f"Arguments of {tool}")
    for name, value in arguments.items():
        form.locator(f"[name='{name}']").fill(str(value))
    form.get_by_role("button", name="Call").click()
    result = page.get_by_role("region", name=f"Result of {tool}")
    result.get_by_role("heading", name="Result").wait_for()
    return result
