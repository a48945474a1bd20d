"""The templates of the pages: all that is put into one is escaped, and nothing may be missing."""

from jinja2 import Environment, PackageLoader, StrictUndefined, Template

from reasoning_lab.report.text.clean import clean, shorten


def template(name: str, *, characters: int, lines: int, **filters: object) -> Template:
    """The template `name` with these filters and `foreign`.

    `foreign` cleans a text and shortens it to so many characters and lines; jinja2 escapes it
    afterwards, as it does everything that is not `Markup`.
    """

    def foreign(text: str) -> str:
        return shorten(clean(text), characters=characters, lines=lines)

    environment = Environment(
        loader=PackageLoader("reasoning_lab.report.pages", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"foreign": foreign, **filters}
    return environment.get_template(name)
