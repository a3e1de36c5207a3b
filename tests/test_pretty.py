"""The layout of templates and style sheets: what it changes, and that it changes nothing that is drawn."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tools" / "pretty"))

import printer  # noqa: E402
import styles  # noqa: E402
import tokens  # noqa: E402

LONG = "Every word of this sentence is needed, because only a line of more than a hundred and twenty is broken at all"


def test_blocks_stand_in_lines_and_words_that_touch_stay_together():
    source = f'<ul class="plain"><li>{LONG} <b>and so</b>.</li><li>short</li></ul>\n'
    want = f"""<ul class="plain">
  <li>
    {LONG}
    <b>and so</b>.
  </li>
  <li>short</li>
</ul>
"""
    assert printer.layout(source) == want


def test_a_space_is_never_put_where_it_would_be_seen():
    source = f'{{% if a %}}{LONG}{{% endif %}}({{% translate "{LONG}" %}}){{{{ b }}}}\n'
    assert ")" not in printer.layout(source).split("{% endblocktranslate %}")[0]
    assert "{% endblocktranslate %}){{ b }}" in printer.layout(source)
    assert "{% endif %}(" in printer.layout(source)


def test_long_words_of_a_translation_keep_their_msgid():
    source = f"<p>{{% blocktranslate with n=3 %}}{LONG} {{{{ n }}}} times.{{% endblocktranslate %}}</p>\n"
    laid = printer.layout(source)
    assert "{% blocktranslate trimmed with n=3 %}\n" in laid
    assert tokens.meaning(laid) == tokens.meaning(source)
    assert max(map(len, laid.split("\n"))) <= 120


def test_what_is_kept_is_kept():
    source = "<pre>  a\n\n b </pre>\n<textarea> x  </textarea><script>let  a\n\n= 1</script>\n"
    assert "<pre>  a\n\n b </pre>" in printer.layout(source)
    assert "<textarea> x  </textarea>" in printer.layout(source)
    assert "<script>let  a\n\n= 1</script>" in printer.layout(source)


def test_attributes_stand_one_a_line_where_the_tag_is_too_long():
    source = f'<div id="a" data-x="{{% translate "{LONG[:85]}" %}}"{{% if b %}} hidden{{% endif %}}></div>\n'
    assert printer.layout(source).split("\n")[1:4] == [
        '  id="a"',
        f'  data-x="{{% translate "{LONG[:85]}" %}}"',
        "  {% if b %} hidden {% endif %}",
    ]


def test_a_style_sheet_has_one_declaration_a_line():
    assert styles.layout("a,b>c{color:red;margin:0 1px}@media (min-width:1px){p{top:0}}") == (
        "a, b > c {\n  color: red;\n  margin: 0 1px;\n}\n\n@media (min-width: 1px) {\n  p {\n    top: 0;\n  }\n}\n"
    )


@pytest.mark.parametrize("path", sorted((ROOT / "immis" / "web").rglob("*.html")), ids=lambda path: path.stem)
def test_laying_out_again_changes_nothing(path):
    source = path.read_text(encoding="utf8")
    assert printer.layout(source) == source
    assert max(map(len, source.split("\n"))) <= 120
