"""Every exception of the package, under one base.

A message names the file, the statement or entry, the field, and what to do about it.
"""


class SweetSpotError(Exception):
    """Base of every error this package raises on purpose."""


class InvalidArgument(SweetSpotError):
    """The argument file is incomplete, misspelt or inconsistent."""


class InvalidRecord(SweetSpotError):
    """A questions file or an elicitation file cannot be used as it stands."""


class UnknownQuestion(InvalidRecord):
    """A statement names a question that the questions file does not hold."""


class UnknownExpert(SweetSpotError):
    """A name that nobody in the data has."""


class UnknownQuantity(SweetSpotError):
    """A question or an intervention names a quantity that the model does not have."""


class InvalidWhatIf(SweetSpotError):
    """A what-if mixes questions, or too few draws remain to answer it."""


class MissingData(SweetSpotError):
    """A folder or file that the command needs is not there."""


class UntrustworthyFit(SweetSpotError):
    """A fit failed its diagnostics, so that its numbers may not be reported."""


class UnusableFit(SweetSpotError):
    """A fit file cannot be read, or belongs to another argument or version."""


class NeedsRefit(SweetSpotError):
    """The saved draws cannot answer for other evidence; the model has to be fitted again."""


class UnusableStore(SweetSpotError):
    """A file of answers cannot be opened, or is of another kind or version."""


class InvalidAnswer(SweetSpotError):
    """What stands in a form cannot be taken: the message begins with the field, and says why."""


class NoWorkers(SweetSpotError):
    """Work that was to be spread over a cluster could not be done there."""
