"""Secrets are put together from pieces, so that no scanner takes this file for a leak."""

import base64
import json

import pytest

from rejoinder.domain.redaction import Redactor, highest_number

LETTERS = "aB3dE5fG7hJ9kL1mN2pQ4rS6tU8vW0xYzA1bC2dD3eF4gH5iJ6kK7lM8nN9oO0pP"
PEM_BODY = "\n".join([LETTERS] * 3)

MARKS = """
-----BEGIN AKIA ghp_ github_pat_ glpat- xoxb xapp- slack.com _live_ sk-ant- AIza ya29. npm_ pypi- hf_ SG. .eyJ ://
bearer access_key password _KEY=
"""
"""With these in a text, every pattern is tried on it."""


def pem(kind: str, body: str = PEM_BODY, end: str = "\n-----END {}-----") -> str:
    return f"-----BEGIN {kind}-----\n{body}" + end.format(kind)


def jwt() -> str:
    header, payload = (
        base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=")
        for part in ({"alg": "HS256", "typ": "JWT"}, {"sub": "1234567890"})
    )
    return f"{header}.{payload}.{LETTERS[:43]}"


SHAPES = [
    ("private-key", pem("PRIVATE KEY")),
    ("private-key", pem("RSA PRIVATE KEY", "Proc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,AB12\n\n" + PEM_BODY)),
    ("private-key", pem("OPENSSH PRIVATE KEY")),
    ("private-key", pem("PGP PRIVATE KEY BLOCK")),
    ("private-key", pem("EC PRIVATE KEY", end="")),
    ("private-key", pem("PRIVATE KEY").replace("\n", "\\n")),
    ("aws-key", "AKIA" + "IOSFODNN7EXAMPLE"),
    ("github-token", "ghp_" + LETTERS[:36]),
    ("github-token", "github_pat_" + LETTERS[:50]),
    ("gitlab-token", "glpat-" + LETTERS[:20]),
    ("slack-token", "xoxb-" + "123456789012-abcdefABCDEF"),
    ("slack-token", "xapp-1-" + "A0123456789-abcdef"),
    ("slack-webhook", "https://hooks.slack.com" + "/services/T000/B000/" + LETTERS[:24]),
    ("stripe-key", "sk_live_" + LETTERS[:24]),
    ("anthropic-key", "sk-ant-" + "api03-" + LETTERS[:40]),
    ("openai-key", "sk-" + LETTERS[:48]),
    ("openai-key", "sk-proj-" + LETTERS[:30] + "-_" + LETTERS[:30]),
    ("google-key", "AIza" + LETTERS[:35]),
    ("google-oauth", "ya29." + LETTERS[:40]),
    ("google-oauth", "GOCSPX-" + LETTERS[:28]),
    ("npm-token", "npm_" + LETTERS[:36]),
    ("pypi-token", "pypi-" + LETTERS[:64]),
    ("huggingface-token", "hf_" + LETTERS[:34]),
    ("sendgrid-key", "SG." + LETTERS[:22] + "." + LETTERS[:43]),
    ("jwt", jwt()),
]


@pytest.mark.parametrize(("kind", "secret"), SHAPES, ids=[kind for kind, _ in SHAPES])
@pytest.mark.parametrize("around", ["{}", "before {} after", 'x = "{}"', "({})\n"])
def test_every_known_shape_becomes_a_placeholder(kind: str, secret: str, around: str) -> None:
    redactor = Redactor()
    assert redactor.mask(around.format(secret)) == around.format(f"[masked:{kind}:1]")
    assert redactor.masked == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgres://me:hunter2x@db/x", "postgres://me:[masked:password:1]@db/x"),
        ("https://:tok3n@host", "https://:[masked:password:1]@host"),
        ("Authorization: Bearer " + LETTERS[:30], "Authorization: Bearer [masked:authorization:1]"),
        ("authorization: basic dXNlcjpwYXNzd29yZA==", "authorization: basic [masked:authorization:1]"),
        ('password = "correcthorse"', 'password = "[masked:secret:1]"'),
        ("'api_key': 'abcd-efgh-ijkl'", "'api_key': '[masked:secret:1]'"),
        ('{"client_secret":"s3cr3ts3cr3t"}', '{"client_secret":"[masked:secret:1]"}'),
        ('accessToken := "abcdefgh12"', 'accessToken := "[masked:secret:1]"'),
        ("export DB_PASSWORD=hunter2hunter2", "export DB_PASSWORD=[masked:secret:1]"),
        ("A=1\r\nSOME_TOKEN=abcdefgh123\r\nB=2", "A=1\r\nSOME_TOKEN=[masked:secret:1]\r\nB=2"),
        ('SOME_SECRET="abcdefgh123"', 'SOME_SECRET="[masked:secret:1]"'),
        ("aws_secret_access_key = " + LETTERS[:40], "aws_secret_access_key = [masked:aws-secret:1]"),
    ],
)
def test_a_secret_is_known_by_what_stands_around_it_and_that_stays(text: str, expected: str) -> None:
    assert Redactor().mask(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "password = get_password()",
        "password: str",
        'password = ""',
        'password = os.environ["DB_PASSWORD"]',
        'password = "${DB_PASSWORD}"',
        "def check(password: str, api_key: str | None = None) -> bool:",
        'parser.add_argument("--password", help="The password of the user")',
        "API_KEY=$OTHER",
        "if token == other_token:",
        "from sklearn import svm  # sk-learn",
        "class='sk-fading-circle-with-a-long-name'",
        "skilled-workers-and-other-long-names-with-dashes",
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "da39a3ee5e6b4b0d3255bfef95601890afd80709",
        "123e4567-e89b-12d3-a456-426614174000",
        "sha512-" + LETTERS + "==",
        "https://example.org:8080/path@2x.png",
        "git@github.com:me/project.git",
        "postgres://user:${PASSWORD}@host/db",
        'f"postgres://{user}:{password}@{host}/db"',
        "bearer of good news and tidings of the internationalization",
        "a basic misunderstanding-of-the-matter here",
        'The line "-----BEGIN PRIVATE KEY-----" begins a key. And more text follows it here.',
        "-----BEGIN CERTIFICATE-----\n" + PEM_BODY + "\n-----END CERTIFICATE-----",
        "-----BEGIN PUBLIC KEY-----\n" + PEM_BODY + "\n-----END PUBLIC KEY-----",
        "AKIA is how they begin",
        "eyJhbGciOi is how they begin",
        "ghp_short",
    ],
)
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert Redactor().mask(text) == text


def test_what_follows_a_key_that_was_cut_off_stays() -> None:
    text = pem("PRIVATE KEY", LETTERS, end="") + "\nAnd then, what?"
    assert Redactor().mask(text) == "[masked:private-key:1]\nAnd then, what?"


def test_two_keys_are_two() -> None:
    text = pem("PRIVATE KEY") + "\nbetween\n" + pem("PRIVATE KEY", PEM_BODY[::-1])
    assert Redactor().mask(text) == "[masked:private-key:1]\nbetween\n[masked:private-key:2]"


def test_the_same_secret_has_the_same_number_everywhere() -> None:
    redactor = Redactor()
    one, two = "ghp_" + LETTERS[:36], "ghp_" + LETTERS[10:46]
    assert redactor.mask(f"{one} {two} {one}") == (
        "[masked:github-token:1] [masked:github-token:2] [masked:github-token:1]"
    )
    assert redactor.mask(f'password = "{two}"') == 'password = "[masked:github-token:2]"'
    assert redactor.masked == 2


def test_masking_what_is_masked_changes_nothing() -> None:
    redactor = Redactor()
    once = redactor.mask('password = "correcthorse" and postgres://a:hunter2x@h')
    assert redactor.mask(once) == once
    assert Redactor().mask(once) == once


def test_numbers_begin_where_they_are_told_to() -> None:
    assert Redactor(first=7).mask("sk_live_" + LETTERS[:24]) == "[masked:stripe-key:7]"


@pytest.mark.parametrize(
    ("text", "highest"),
    [
        ("", 0),
        ("[masked:jwt:3] and [masked:aws-key:12], [masked:jwt:4]", 12),
        ("[masked:JWT:99] [masked:jwt:x]", 0),
        ("[masked:jwt:" + "9" * 5000 + "]", 0),
    ],
)
def test_the_highest_number_of_a_text(text: str, highest: int) -> None:
    assert highest_number(text) == highest


@pytest.mark.parametrize(
    "unit",
    [
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN PRIVATE KEY-----\n" + LETTERS + "\n",
        "-----BEGIN A ",
        "-----BEGIN PRIVATE KEY----------END ",
        "-",
        "eyJ-",
        "eyJaaaaaaaa.",
        "eyJaaaaaaaa.eyJaaaaaaaa-",
        "sk-",
        "sk-a",
        "SG.",
        "SG.aaaaaaaaaaaaaaaa",
        "a://",
        "a:",
        "http://a:b",
        "bearer ",
        "bearer\t",
        "basic a",
        "password='",
        "password =",
        "A_KEY=",
        "_KEY",
        "A",
        "export ",
        " ",
        "secret_access_key=a",
        "xox",
        "pypi-",
        "[masked:",
    ],
)
def test_hostile_texts_take_time_in_step_with_their_length(unit: str) -> None:
    text = unit * (1_000_000 // len(unit))
    Redactor().mask(text + MARKS)
    highest_number(text)


def test_what_was_masked_comes_back_by_the_one_who_masked_it() -> None:
    text = "A = 'ghp_" + "a1" * 18 + "' # and \\1"
    redactor = Redactor()
    masked = redactor.mask(text)
    assert redactor.unmask(f"{masked}\n{masked}") == f"{text}\n{text}"
    assert redactor.unmask("nothing to put back") == "nothing to put back"
    with pytest.raises(KeyError, match="masked:github-token:1"):
        Redactor().unmask(masked)


@pytest.mark.parametrize(
    "line",
    ["password: {}", "  db_password:  {}  # of the test server", "- api_key: {}", '"auth-token": {}', "a.passwd: {}\r"],
)
@pytest.mark.parametrize("secret", ["hunter2-long", "Tr0ub4dor3x", "12345678", "pass-word!9", "correct/horse#1"])
def test_unquoted_values_in_yaml_are_masked(line: str, secret: str) -> None:
    text = f"user: alice\n{line.format(secret)}\nhost: db-1.example"
    assert Redactor().mask(text) == text.replace(secret, "[masked:secret:1]")


@pytest.mark.parametrize(
    "line",
    [
        "password: str",
        "password: Optional[str]",
        "password: SecretStr = Field()",
        "    password: PasswordHash",
        "password: sha256_hash",
        "password: settings.password2",
        "password: hash1(password)",
        "password: newPassword2,",
        "password: ${DB_PASSWORD_1}",
        "password: {{ vault.db-1 }}",
        "password: !vault-v1 |",
        "password: your-password-here",
        "The password: at least 8 characters",
    ],
)
def test_types_names_and_words_after_a_password_stay(line: str) -> None:
    assert Redactor().mask(line) == line


def test_secrets_are_found_after_letters_that_grow_when_they_are_small() -> None:
    assert (
        Redactor().mask("\u0130" * 40 + "\npassword: hunter2-long") == "\u0130" * 40 + "\npassword: [masked:secret:1]"
    )
