"""Manifold markets and bets as the API gives them (saved JSON)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sweet_spot.evidence.findings import shown
from sweet_spot.evidence.importers.common import LARGEST, Imported, Settings
from sweet_spot.evidence.importers.moments import day, last_of_each_day
from sweet_spot.evidence.importers.plain_json import Node, read_json

MARKET = "Manifold market"
"""One pooled opinion, whoever traded."""

MILLISECONDS = 1000
NO_VALUE = ("BOUNTIED_QUESTION", "POLL", "QUADRATIC_FUNDING")
"""Markets whose prices are no probabilities of anything."""


@dataclass(frozen=True)
class Price:
    """A point of a market's price history."""

    moment: dt.datetime
    contract: str
    answer: str
    probability: float


def read(path: Path, settings: Settings) -> Sequence[Imported]:  # noqa: ARG001 - no settings
    """The prices of markets, or the price history that bets make; all of them pooled.

    An answer of several is a question of its own, as in `EvIhzc[Option A]`; in bets, which name
    no options, as in `EvIhzc[answer id]`. Of one day the last price is live.
    """
    entries = _entries(read_json(path))
    if all("contractId" in entry for entry in entries):
        return last_of_each_day((price.moment, _priced(price)) for price in _history(entries))
    return [item for entry in entries for item in _market(entry)]


def price_history(path: Path) -> list[Price]:
    """The prices that the bets in a file led to, earliest first."""
    return _history(_entries(read_json(path)))


def _entries(root: Node) -> Sequence[Node]:
    if "message" in root and "id" not in root:
        message = f"this is an error of the API: {shown(root['message'].value)}"
        raise root.refusal(message, "save it again")
    entries = root.each() if isinstance(root.value, list) else [root]
    if not entries:
        raise root.refusal("the file holds no market and no bet", "save it again")
    return entries


def _history(entries: Sequence[Node]) -> list[Price]:
    """Rows that moved the price: a limit order moves none, its fills are rows of their own."""
    prices = []
    for bet in entries:
        before, after = bet["probBefore"].probability(), bet["probAfter"].probability()
        moment = bet["createdTime"].moment(per_second=MILLISECONDS)
        if moment is None:
            raise bet.refusal("there is no createdTime", "save it again")
        if before != after:
            contract, answer = bet["contractId"].needed(), bet["answerId"].text()
            prices.append(Price(moment, contract, answer, after))
    return sorted(prices, key=lambda price: price.moment)


def _priced(price: Price) -> Imported:
    return Imported(
        question=f"{price.contract}[{price.answer}]" if price.answer else price.contract,
        forecaster=MARKET,
        kind="probability",
        values=(price.probability,),
        line=None,
        unit="probability",
        date=day(price.moment),
        is_aggregate=True,
    )


def _market(market: Node) -> Iterator[Imported]:
    if "outcomeType" not in market:
        remedy = "expected outcomeType of a market, or contractId of every bet"
        raise market.refusal("this is no market of Manifold", remedy)
    if market["outcomeType"].text() in NO_VALUE:
        return
    said = Imported(
        question=market["id"].needed(),
        forecaster=MARKET,
        kind="probability",
        values=(),
        line=None,
        unit="probability",
        date=day(_seen(market)),
        expires=day(market["resolutionTime"].moment(per_second=MILLISECONDS)),
        text=market["question"].text(),
        people=_people(market),
        is_aggregate=True,
    )
    if market["outcomeType"].text() == "PSEUDO_NUMERIC":
        yield _numeric(market, said)
    elif "answers" in market:
        for answer in market["answers"].each():
            if "probability" in answer:
                name = answer["text"].text() or answer["id"].needed()
                chance = answer["probability"].probability()
                yield replace(said, question=f"{said.question}[{name}]", values=(chance,))
    elif "probability" in market:
        yield replace(said, values=(market["probability"].probability(),))


def _numeric(market: Node, said: Imported) -> Imported:
    """A price between two ends pays in proportion to the value, so it stands for the mean.

    On a logarithmic scale it is the mean of the logarithm, and so the median of a symmetric belief.
    """
    low, high = market["min"].number(), market["max"].number()
    chance = market["probability"].probability()
    if not low < high:
        raise market.refusal("the range is empty", "compare with the market's page")
    if not market["isLogScale"].flag():
        return replace(said, kind="mean", values=(low + (high - low) * chance,), unit="")
    value = (high - low + 1) ** chance + low - 1
    if not abs(value) <= LARGEST:
        raise market.refusal("the value is too large", "compare with the market's page")
    return replace(said, kind="median", values=(value,), unit="")


def _seen(market: Node) -> dt.datetime | None:
    """When the price was as it is: at the last bet, or when the file was made."""
    for name in ("lastBetTime", "lastUpdatedTime"):
        moment = market[name].moment(per_second=MILLISECONDS)
        if moment is not None:
            return moment
    ends = (market[name].moment(per_second=MILLISECONDS) for name in _ENDS)
    return min((end for end in ends if end is not None), default=None) if _over(market) else None


_ENDS = ("closeTime", "resolutionTime")


def _over(market: Node) -> bool:
    """Whether trading has ended, so that the price is that of the end."""
    return market["isResolved"].flag()


def _people(market: Node) -> int | None:
    count = market["uniqueBettorCount"].optional()
    return int(count) if count and count >= 1 else None
