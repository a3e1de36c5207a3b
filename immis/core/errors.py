"""What the services raise when the law, or a permission, says no."""

from collections.abc import Callable, Sequence

from immis.rules.catalogue import Finding


class Refusal(Exception):
    """A lawful refusal: the findings that refuse it, worded at display in the reader's language."""

    def __init__(self, findings: Sequence[Finding] | Finding):
        self.findings = [findings] if isinstance(findings, Finding) else list(findings)
        super().__init__(", ".join(f"{finding.code} {dict(finding.facts)}" for finding in self.findings))


class TooMany(Refusal):
    """Asked too often by one address: lawful to ask, only not now. ``again_in_s`` seconds later it is answered."""

    def __init__(self, finding: Finding, *, again_in_s: int):
        super().__init__(finding)
        self.again_in_s = again_in_s


class Unreadable(ValueError):
    """What somebody wrote cannot be taken; ``words`` says why, in the language that is spoken when it is asked."""

    def __init__(self, words: Callable[[], str]):
        super().__init__(words)
        self.words = words

    def __str__(self) -> str:
        return str(self.words())


class NotPermitted(Exception):
    """This post may not do or see this."""


class Unavailable(Exception):
    """What is asked for is kept where nobody answers now (the archive): nothing is wrong with the question."""


class NotFound(Exception):
    """There is no such record that this post may see."""
