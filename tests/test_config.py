"""Settings: read once and strictly; whatever is wrong is named in a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from linkhold import config
from linkhold.errors import InvalidSetting


@pytest.mark.parametrize(
    ("environment", "sentence"),
    [
        ({"LINKHOLD_PROT": "1"}, "LINKHOLD_PROT is not a setting of Linkhold. Did you mean LINKHOLD_PORT?"),
        ({"LINKHOLD_ZZZZZZ": "1"}, "LINKHOLD_ZZZZZZ is not a setting of Linkhold. `linkhold settings`"),
        ({"LINKHOLD_PORT": "http"}, "LINKHOLD_PORT is not valid (it is 'http')"),
        ({"LINKHOLD_PORT": "65536"}, "LINKHOLD_PORT is not valid"),
        ({"LINKHOLD_DATA_DIR": ""}, "LINKHOLD_DATA_DIR is not valid (it is ''): it is empty"),
        ({"LINKHOLD_DATA_DIR": "  "}, "LINKHOLD_DATA_DIR is not valid"),
        ({"LINKHOLD_DATA_DIR": "~nobody-by-this-name/x"}, "LINKHOLD_DATA_DIR is not valid"),
        ({"LINKHOLD_DATABASE_URL": ""}, "LINKHOLD_DATABASE_URL is not valid"),
        ({"LINKHOLD_LOG_LEVEL": ""}, "LINKHOLD_LOG_LEVEL is not valid"),
        ({"LINKHOLD_URL_SCHEMES": ""}, "LINKHOLD_URL_SCHEMES is not valid"),
        ({"LINKHOLD_HOST": ""}, "LINKHOLD_HOST is not valid"),
        ({"LINKHOLD_WORKERS": "0"}, "LINKHOLD_WORKERS is not valid"),
        ({"LINKHOLD_LOG_FORMAT": "xml"}, "LINKHOLD_LOG_FORMAT is not valid"),
        ({"LINKHOLD_URL_SCHEMES": "http,javascript"}, "javascript would run as a script"),
        ({"LINKHOLD_URL_SCHEMES": "http;https"}, "LINKHOLD_URL_SCHEMES is not valid"),
        ({"LINKHOLD_DATABASE_URL": "mysql://h/d"}, "it must begin with postgresql://"),
        (
            {"LINKHOLD_DATABASE_DIRECT_URL": "postgresql://h/d"},
            "DIRECT_URL is not valid: it leads past a pooler, and LINKHOLD_DATABASE_POOLER names none.",
        ),
        (
            {"LINKHOLD_DATABASE_POOLER": "transaction", "LINKHOLD_DATABASE_DIRECT_URL": "mysql://h/d"},
            "LINKHOLD_DATABASE_DIRECT_URL is not valid: it must begin with postgresql://",
        ),
        ({"LINKHOLD_DATABASE_URL_FILE": "/nowhere"}, "LINKHOLD_DATABASE_URL_FILE names a file"),
    ],
)
def test_what_is_wrong_is_named(environment: dict[str, str], sentence: str) -> None:
    with pytest.raises(InvalidSetting) as caught:
        config.load(environment)
    assert sentence in caught.value.message


def test_a_secret_is_not_in_the_sentence() -> None:
    with pytest.raises(InvalidSetting) as caught:
        config.load({"LINKHOLD_DATABASE_URL": "mysql://ada:hunter2@h/d"})
    assert "hunter2" not in caught.value.message


def test_a_secret_comes_from_a_file_and_shows_nowhere(tmp_path: Path) -> None:
    file = tmp_path / "url"
    file.write_text("postgresql://ada:hunter2@h/d\n")
    settings = config.load({"LINKHOLD_DATABASE_URL_FILE": str(file)})
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value() == "postgresql://ada:hunter2@h/d"
    assert "hunter2" not in repr(settings)
    both = {"LINKHOLD_DATABASE_URL_FILE": str(file), "LINKHOLD_DATABASE_URL": "postgresql://h/d"}
    with pytest.raises(InvalidSetting, match="twice"):
        config.load(both)
    file.write_bytes(b"\xff")
    with pytest.raises(InvalidSetting, match="not text"):
        config.load({"LINKHOLD_DATABASE_URL_FILE": str(file)})


def test_an_empty_file_is_an_empty_setting(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    with pytest.raises(InvalidSetting, match="it is empty"):
        config.load({"LINKHOLD_DATA_DIR_FILE": str(tmp_path / "empty")})


def test_other_variables_are_nobodys_business() -> None:
    assert config.load({"PORT": "1", "PATH": "/bin"}) == config.load({})


@pytest.mark.parametrize(("user", "expected"), [(0, "/var/lib/linkhold"), (1000, "linkhold")])
def test_the_data_are_where_the_platform_keeps_such(
    monkeypatch: pytest.MonkeyPatch, user: int, expected: str
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: user)
    assert str(config.load({}).data_dir).endswith(expected)


def test_a_path_is_made_absolute() -> None:
    assert config.load({"LINKHOLD_DATA_DIR": "~/x"}).data_dir == Path.home() / "x"
    assert config.load({"LINKHOLD_DATA_DIR": "x"}).data_dir == Path.cwd() / "x"
