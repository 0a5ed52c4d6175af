"""Opens the pages of `--timings` in a headless Chromium and draws the picture of one in the docs.

    run.py PROVISION FUNCTION_ZIP PICTURE

Real runs against local clouds make the pages: one with AWS's delays, one in a storm, one that fails, and `down`. Each is
opened light and dark, on a telephone and on a laptop, and must pass CHECKS, which are tried on pages with faults first.
"""

import os
import subprocess
import sys
import tempfile

from chromium import Chromium

WIDTHS = [320, 375, 768, 1280]
SCHEMES = ["light", "dark"]

# What is wrong with the page that is open, as a list.
LOOK = """(() => {
  const wrong = [];
  const root = document.documentElement;
  if (root.scrollWidth > innerWidth) wrong.push(`is ${root.scrollWidth} pixels wide`);
  for (const mark of document.querySelectorAll('.track > span:not(.axis span)')) {
    const [inner, outer] = [mark, mark.parentElement].map(e => e.getBoundingClientRect());
    if (inner.left < outer.left - 1 || inner.right > outer.right + 1) wrong.push(`${mark.className} leaves its track`);
    if (inner.width < 2 || inner.height < 5) wrong.push(`${mark.className} cannot be seen`);
  }
  const luminance = color => {
    const [r, g, b] = color.match(/[\\d.]+/g).map(Number).map(c => c / 255)
      .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = element => {
    const color = getComputedStyle(element).backgroundColor;
    return color === 'rgba(0, 0, 0, 0)' ? ground(element.parentElement) : color;
  };
  const contrasts = new Map();
  for (const element of document.body.querySelectorAll('*')) {
    const says = [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim());
    if (!says) continue;
    const pair = [getComputedStyle(element).color, ground(element)];
    const [a, b] = pair.map(luminance).sort((a, b) => b - a);
    contrasts.set(pair.join(' on '), (a + 0.05) / (b + 0.05));
  }
  for (const [pair, contrast] of contrasts)
    if (contrast < 4.5) wrong.push(`text has a contrast of ${contrast.toFixed(1)}: ${pair}`);
  return wrong;
})()"""


def events(seen, path):
    """What a page must not do while it is loaded."""
    for event in seen:
        method, details = event["method"], event.get("params", {})
        if method == "Network.requestWillBeSent":
            url = details["request"]["url"]
            if url != "file://" + path and not url.startswith("data:"):
                yield f"requests {url}"
        if method in ("Log.entryAdded", "Runtime.exceptionThrown", "Runtime.consoleAPICalled"):
            text = details.get("entry", {}).get("text", details)
            yield f"says on the console: {text}"


def structure(browser):
    """What someone sees who does not see the page: headings, and a table with a head."""
    nodes = browser.page("Accessibility.getFullAXTree")["nodes"]
    count = {}
    for node in nodes:
        role = node.get("role", {}).get("value")
        count[role] = count.get(role, 0) + 1
    rows = browser.value("document.querySelectorAll('tr').length")
    cells = browser.value("document.querySelectorAll('td').length")
    headings = browser.value("document.querySelectorAll('h1, h2, h3').length")
    expected = {"table": 1, "columnheader": 9, "row": rows, "cell": cells, "heading": headings}
    for role, number in expected.items():
        if count.get(role, 0) != number:
            yield f"has {count.get(role, 0)} of {number} {role}"


def look(browser, path, width, scheme):
    seen = browser.open(path, width, scheme)
    wrong = [*events(seen, path), *browser.value(LOOK), *structure(browser)]
    ground = browser.value("getComputedStyle(document.body).backgroundColor")
    return wrong, ground


def check(browser, path):
    """All that is wrong with a page."""
    found = []
    for width in WIDTHS:
        grounds = set()
        for scheme in SCHEMES:
            wrong, ground = look(browser, path, width, scheme)
            grounds.add(ground)
            found += [f"{width} pixels, {scheme}: {text}" for text in wrong]
        if len(grounds) < len(SCHEMES):
            found.append(f"{width} pixels: light and dark are the same")
    # On paper it is light, whatever the screen.
    browser.open(path, 1280, "dark", media="print")
    if browser.value("getComputedStyle(document.body).backgroundColor") != "rgb(255, 255, 255)":
        found.append("printed: not on white")
    return found


# Each of them must be found.
FAULTS = {
    "a picture from elsewhere": ("</footer>", '</footer><img alt="" src="https://example.invalid/x.png">'),
    "a script": ("</footer>", "</footer><script>console.log(1)</script>"),
    "a line that does not wrap": ("</footer>", "</footer><p style='white-space:nowrap'>" + "wide " * 90 + "</p>"),
    "a bar beyond the axis": ("--for:", "--for:130%;--was:"),
    "pale text": ("--muted: #566274", "--muted: #b9c2ce"),
    "no dark colors": ("prefers-color-scheme: dark", "prefers-color-scheme: none"),
    "a table of blocks": ("<td ", "<td role='presentation' "),
}


def plant(browser, path):
    with open(path, encoding="utf-8") as file:
        page = file.read()
    faulty = path + ".faulty.html"
    for name, (before, after) in FAULTS.items():
        assert before in page, before
        with open(faulty, "w", encoding="utf-8") as file:
            file.write(page.replace(before, after, 1))
        found = check(browser, faulty)
        assert found, f"SURVIVED: {name}"
        print(f"browser: caught {name}: {found[0]}")


def make(provision, zip_file, folder):
    """The pages, in the order of the runs."""
    environment = {"PATH": os.environ["PATH"], "HOME": folder, "LANG": "C.UTF-8"}
    pages = []

    def run(name, *arguments, code=0):
        path = os.path.join(folder, name + ".html")
        command = [provision, *arguments, "--local", "--timings", path, "--yes"]
        done = subprocess.run(command, cwd=folder, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        assert done.returncode == code, done.stderr.decode()
        pages.append(path)

    up = ["up", "--artifact", zip_file]
    run("up", *up, "--faults", "aws", "--faults-seed", "5")
    run("no-change", *up)
    run("down", "down", "--delete-data", "--faults", "aws", "--faults-seed", "5")
    run("storm", *up, "--stage", "storm", "--faults", "storm", "--faults-seed", "5")
    run("failed", *up, "--stage", "failed", "--as", "planner", "--no-preflight", code=5)
    return pages


def draw(browser, page, path):
    """The page up to the verification."""
    browser.open(page, 1000, "light")
    end = browser.value("document.querySelector('.timeline').lastElementChild.getBoundingClientRect().top")
    browser.picture(path, 1000, end, scale=0.75)
    kilobytes = os.path.getsize(path) // 1000
    print(f"browser: drawn, {kilobytes} kB")
    assert kilobytes < 150, "the picture is too large for a README"


def main():
    provision, zip_file, picture = map(os.path.abspath, sys.argv[1:])
    browser = Chromium()
    with tempfile.TemporaryDirectory() as folder:
        pages = make(provision, zip_file, folder)
        print(f"browser: at {', '.join(map(str, WIDTHS))} pixels, light, dark and printed:")
        for path in pages:
            found = check(browser, path)
            assert not found, "\n".join([path, *found])
            size = os.path.getsize(path) // 1000
            print(f"browser: {os.path.basename(path)}, {size} kB: nothing is wrong")
        plant(browser, pages[0])
        draw(browser, pages[0], picture)
    browser.close()


if __name__ == "__main__":
    main()
