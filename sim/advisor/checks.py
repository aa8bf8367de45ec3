"""What is wrong with a strategy that somebody wrote, in plain sentences."""

from __future__ import annotations

import inspect
import re
from typing import Any, get_args

import numpy as np

from sim.advisor.strategy import AdvisorView, Fairness, Sight, Strategy
from sim.errors import StrategyError
from sim.model.advice import AdvicePlan

MOST_LETTERS_OF_A_NAME = 60
"""Tables of a terminal and legends have no room for more (assumed)."""


def strategy_problems(strategy: Any) -> list[str]:
    """Return what is wrong with an object as a strategy, without calling it; nothing where it is one.

    Parameters
    ----------
    strategy : Any
    """
    if inspect.isclass(strategy):
        return [f"{strategy.__name__} is a class; give an instance of it, as in {strategy.__name__}()"]
    kind = type(strategy).__name__
    if strategy is None or isinstance(strategy, str | list | tuple | set | dict):
        return [f"{strategy!r} is no strategy; give an object with a name and a method advise"]
    name = getattr(strategy, "name", None)
    problems = []
    if not isinstance(name, str) or not name.strip():
        problems.append(f"{kind} has no name; add name = 'my_strategy', which stands in tables and reports")
    elif not name.isprintable() or len(name) > MOST_LETTERS_OF_A_NAME:
        problems.append(f"{kind}.name must be one line of at most {MOST_LETTERS_OF_A_NAME} letters")
    problems += method_problems(strategy, "advise", "view", "an AdvicePlan such as view.plan(...)")
    for attribute, accepted in (("sees", get_args(Sight)), ("fairness", get_args(Fairness))):
        said = getattr(strategy, attribute, accepted[0])
        if said not in accepted:
            problems.append(f"{kind}.{attribute} is {said!r}; it may be {', '.join(accepted)}")
    colour = getattr(strategy, "colour", "")
    if colour and not (isinstance(colour, str) and re.fullmatch(r"#[0-9a-fA-F]{6}", colour)):
        problems.append(f"{kind}.colour is {colour!r}; write it as '#0072b2'")
    return problems


def method_problems(obj: Any, method: str, argument: str, answer: str) -> list[str]:
    """Return what is wrong with a method of one argument.

    Parameters
    ----------
    obj : Any
    method, argument : str
        Names.
    answer : str
        What it has to return, for the message.
    """
    kind, found = type(obj).__name__, getattr(obj, method, None)
    wanted = f"def {method}(self, {argument})"
    if found is None:
        return [f"{kind} has no method {method}; add {wanted}, which returns {answer}"]
    if not callable(found):
        return [f"{kind}.{method} is {found!r} and no method; write {wanted}, which returns {answer}"]
    try:
        inspect.signature(found).bind(None)
    except TypeError:
        return [f"{kind}.{method}{inspect.signature(found)} cannot be called with one argument; write {wanted}"]
    except ValueError:
        return []
    return []


def plan_problems(plan: Any, view: AdvisorView) -> list[str]:
    """Return what is wrong with a plan as the answer of a strategy; nothing where it may be used.

    Parameters
    ----------
    plan : Any
        What `advise` returned.
    view : AdvisorView
        What it was given.
    """
    commuters = len(view.population)
    if not isinstance(plan, AdvicePlan):
        given = "nothing" if plan is None else f"a {type(plan).__name__}"
        return [f"advise returned {given}; return an AdvicePlan such as view.plan(...)"]
    window = plan.window
    if not isinstance(window, np.ndarray) or window.shape != (commuters,):
        shape = getattr(window, "shape", None)
        return [f"the plan's window has shape {shape}; it needs one entry for each of {commuters} commuters"]
    if not np.issubdtype(window.dtype, np.integer):
        return [f"the plan's windows are {window.dtype}; they have to be integers, -1 for no advice"]
    problems = []
    if not plan.window_s > 0:
        problems.append(f"the plan's windows are {plan.window_s} s wide; they have to be wider than 0")
    strangers = int((plan.advised & ~view.app_user).sum())
    if strangers:
        problems.append(f"the plan advises {strangers} commuters who are no users of the app; see view.users")
    group = plan.discount_group
    if group is not None and np.shape(group) != (commuters,):
        problems.append(f"the plan's discount_group needs one entry for each of {commuters} commuters")
    if plan.part is not None and np.shape(plan.part) != (commuters, 2):
        problems.append(f"the plan's part needs a begin and an end for each of {commuters} commuters")
    return problems


def advised_by(strategy: Strategy, view: AdvisorView, what: str) -> AdvicePlan:
    """Return the plan of a strategy, after making sure that it can be used.

    Parameters
    ----------
    strategy : Strategy
    view : AdvisorView
    what : str
        Which strategy and day, for messages.

    Raises
    ------
    StrategyError
        When the plan cannot be used. Errors of the strategy's own stay as they are, with a note that says what failed.
    """
    try:
        plan = strategy.advise(view)
    except StrategyError as error:
        raise StrategyError("\n".join(f"{what}: {line}" for line in str(error).splitlines())) from error
    except Exception as error:
        error.add_note(f"{what}: advise failed")
        raise
    require(what, plan_problems(plan, view))
    return plan


def require(what: str, problems: list[str]) -> None:
    """Refuse an object that has problems.

    Raises
    ------
    StrategyError
        With every problem.
    """
    if problems:
        raise StrategyError("\n".join(f"{what}: {problem}" for problem in problems))
