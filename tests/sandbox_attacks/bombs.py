"""Programs that want more than there is: memory, time, depth, calls, output, source, or the agent's own memory and time."""

from dataclasses import dataclass

from sandbox.errors import ForbiddenError, LimitExceededError, ProgramError


@dataclass(frozen=True, slots=True)
class Bomb:
    """One attack.

    Attributes:
        name: what it wants too much of.
        kind: the class of attack, for the table in docs/security.md.
        ends: how it ends in the sandbox: with exactly this error, or None for an end at which nothing happened.
        source: the program.
    """

    name: str
    kind: str
    ends: type[ProgramError] | None
    source: str


def _bombs(kind: str, ends: type[ProgramError] | None, **sources: str) -> list[Bomb]:
    return [Bomb(name.replace("_", " "), kind, ends, source) for name, source in sources.items()]


_SHARED = "x = [1]\nfor i in range({levels}):\n    x = [x] * {width}\n"
_DAG = "x = [1]\nfor i in range(40):\n    x = [x, x]\n"

BOMBS = (
    *_bombs(
        "memory",
        LimitExceededError,
        a_text_times_a_number="'a' * 10**10",
        a_text_that_doubles="x = 'a'\nwhile True:\n    x += x",
        a_list_that_grows="x = []\nwhile True:\n    x.append(1)",
        a_list_times_a_number="[0] * 10**9",
        a_list_of_a_range="list(range(10**9))",
        a_list_extended_by_itself="x = [1]\nwhile True:\n    x.extend(x)",
        a_slice_over_itself="x = [1, 2]\nwhile True:\n    x[1:1] = x",
        lists_in_lists="x = []\nwhile True:\n    x = [x]",
        a_table_of_lists="[[0] * 1000 for i in range(10**6)]",
        a_tuple_times_a_tuple="x = (1, 2)\nwhile True:\n    x = x * 2",
        a_dict_that_grows="x = {}\nwhile True:\n    x[len(x)] = 'x' * 1000",
        a_dict_merged="x = {}\nfor i in range(10**9):\n    x = x | {i: i}",
        a_set_that_grows="x = set()\nwhile True:\n    x.add(len(x))",
        a_comprehension="[i for i in range(10**9)]",
        a_comprehension_of_pairs="[(i, j) for i in range(10**5) for j in range(10**5)]",
        a_dict_comprehension="{i: str(i) for i in range(10**8)}",
        sorted_keys="sorted(range(10**8), key=lambda i: -i)",
        a_joined_text="'x'.join(['y' * 10**6] * 10**4)",
        a_replaced_text="x = 'a' * 1000\nwhile True:\n    x = x.replace('a', 'aa')",
        a_percent_width="'%1000000000d' % 1",
        a_format_width="f'{1:>1000000000}'",
        a_format_width_as_argument="'{:{}}'.format(1, 10**9)",
        a_format_precision="'%.1000000000f' % 1.0",
        a_padded_text="'x'.rjust(10**10)",
        zeros_before_a_number="'1'.zfill(10**10)",
        bytes_of_a_length="bytes(10**10)",
        bytes_times_a_number="b'a' * 10**10",
        a_text_in_pieces="('a,' * 10**6).split(',')",
        letters_of_a_text="list('ab' * 10**7)",
        a_power="7 ** 10**8",
        a_shift="1 << 10**12",
        a_number_from_digits="x = int('9' * 4000)\nwhile True:\n    x = x ** 10",
        products="import itertools\nlist(itertools.product(range(1000), repeat=3))",
        permutations="import itertools\nlist(itertools.permutations(range(12)))",
        a_text_of_a_shared_list=_DAG + "repr(x)",
        json_of_a_shared_list="import json\n" + _DAG + "json.dumps(x)",
        a_queue_that_grows="import collections\nx = collections.deque()\nwhile True:\n    x.append('x' * 100)",
        objects="class K:\n    def __init__(self):\n        self.x = [0] * 100\nx = [K() for i in range(10**6)]",
        closures="def wrap(f):\n    return lambda: f\nx = 0\nwhile True:\n    x = wrap(x)",
        a_chain_of_exceptions="x = []\nwhile True:\n    try:\n        raise ValueError('y' * 10_000)\n"
        "    except ValueError as error:\n        x.append(error)",
        matches="import re\nre.sub('', 'x' * 10_000, 'y' * 100_000)",
        decimal_places="import decimal\ndecimal.getcontext().prec = 10**9\ndecimal.Decimal(1) / 3",
        a_global_that_a_function_grows="x = ''\ndef grow():\n    global x\n    x += 'y' * 10**5\nwhile True:\n    grow()",
        arguments_of_its_own_function="def f(*x):\n    return x\nf(*range(10**7))",
    ),
    *_bombs(
        "time",
        LimitExceededError,
        an_empty_loop="while True:\n    pass",
        loops_in_loops="for i in range(10**6):\n    for j in range(10**6):\n        pass",
        a_sum="sum(range(10**12))",
        a_search="10**12 in iter(range(10**13))",
        a_quadratic_text="x = ''\nwhile len(x) < 10**7:\n    x = 'a' + x",
        a_list_filled_from_the_front="x = []\nwhile True:\n    x.insert(0, 1)\n    x.pop()",
        a_quadratic_search="x = list(range(50_000))\nfor i in x:\n    x.index(49_999)",
        numbers_of_fibonacci="def f(n):\n    return n if n < 2 else f(n - 1) + f(n - 2)\nf(45)",
        numbers_of_ackermann="def f(m, n):\n    return n + 1 if not m else f(m - 1, f(m, n - 1) if n else 1)\n"
        "while True:\n    f(2, 5)",
        a_squared_number="x = 5\nwhile True:\n    x = x * x",
        powers_modulo="while True:\n    pow(7, 10**4000, 10**4000 + 1)",
        digits_of_numbers="while True:\n    str(7 ** 5000)",
        equal_shared_lists=_DAG + "y = [1]\nfor i in range(40):\n    y = [y, y]\nx == y",
        a_regular_expression="import re\nwhile True:\n    try:\n        re.match(r'(a*)*b\\1', 'a' * 60 + 'c')\n"
        "    except Exception:\n        pass",
        an_endless_iterator="for i in iter(lambda: 1, 0):\n    pass",
        an_endless_cycle="import itertools\nfor i in itertools.cycle([1]):\n    pass",
        all_of_an_endless_count="import itertools\nall(itertools.count(1))",
        a_lazy_map="for i in map(lambda i: [j for j in range(1000)], range(10**9)):\n    pass",
        sorting="x = list(range(100_000))\nwhile True:\n    x.sort(key=lambda i: -i)",
        errors_in_a_loop="while True:\n    try:\n        1 / 0\n    except ZeroDivisionError:\n        pass",
        a_swallowed_time_limit="while True:\n    try:\n        while True:\n            pass\n"
        "    except BaseException:\n        pass",
        a_finally_that_goes_on="def f():\n    while True:\n        try:\n            return 1\n        finally:\n"
        "            continue\nwhile True:\n    f()",
        a_finally_that_loops="try:\n    1 / 0\nfinally:\n    while True:\n        pass",
        a_coroutine_that_loops="import asyncio\nasync def f():\n    while True:\n        pass\nasyncio.run(f())",
        tasks_without_end="import asyncio\nasync def f():\n    while True:\n        await asyncio.gather(g(), g())\n"
        "async def g():\n    pass\nasyncio.run(f())",
        a_long_comparison="x = 'a' * 10**6\nwhile True:\n    x == x + 'b'",
        replacing_over_and_over="x = 'ab' * 10**6\nwhile True:\n    x.replace('b', 'c')",
        keys_of_one_hash="x = {}\nwhile True:\n    x[(len(x) % 50_000) * (2**61 - 1)] = 1",
        a_match_without_end="x = 0\nwhile True:\n    match x:\n        case 0:\n            x = 1\n"
        "        case _:\n            x = 0",
    ),
    *_bombs(
        "depth",
        LimitExceededError,
        recursion="def f():\n    return f()\nf()",
        mutual_recursion="def f():\n    return g()\ndef g():\n    return f()\nf()",
        recursion_through_a_lambda="f = lambda g: g(g)\nf(f)",
        recursion_in_a_comprehension="def f():\n    return [f() for i in range(2)]\nf()",
        recursion_in_an_operator="class K:\n    def __add__(self, other):\n        return self + other\nK() + K()",
        recursion_in_a_text="class K:\n    def __repr__(self):\n        return repr(self)\nrepr(K())",
        recursion_in_a_handler="def f():\n    try:\n        1 / 0\n    except ZeroDivisionError:\n        f()\nf()",
        recursion_that_swallows_its_limit="def f():\n    try:\n        f()\n    except RecursionError:\n        f()\nf()",
        a_sort_that_sorts="def key(x):\n    return sorted([x], key=key)\nsorted([1], key=key)",
        functions_in_functions="".join(f"{' ' * i}def f():\n" for i in range(100)) + " " * 100 + "pass",
    ),
    *_bombs(
        "source",
        ProgramError,
        parentheses="(" * 7000 + "1" + ")" * 7000,
        lists="[" * 7000 + "]" * 7000,
        signs="-" * 16_000 + "1",
        attributes="measure" + ".x" * 7000,
        calls_in_calls="measure(" * 1500 + ")" * 1500,
        additions="1" + "+1" * 7000,
        comparisons="1" + "<1" * 5000,
        conditions="1 if 1 else " * 1000 + "1",
        lambdas="lambda:" * 2000 + "1",
        branches="if 1: pass\n" + "elif 1: pass\n" * 1100,
        clauses="[0" + " for i in range(9)" * 800 + "]",
        patterns="match 1:\n    case " + "[" * 3000 + "]" * 3000 + ": pass",
        subscripts="x" + "[0]" * 4000,
        a_long_number="9" * 16_000,
        null_bytes="\0" * 1000,
    ),
    *_bombs(
        "source",
        None,
        empty_lines="\n" * 16_000,
        ninety_blocks="".join(f"{' ' * i}if 1:\n" for i in range(90)) + " " * 90 + "pass",
        a_long_hexadecimal_number="0x" + "f" * 16_000,
    ),
    *_bombs(
        "source",
        LimitExceededError,
        a_long_comment="# " + "x" * 20_000,
        a_long_text_in_few_letters="'" + "\U0001f916" * 5000 + "'",
    ),
    *_bombs(
        "calls and output",
        LimitExceededError,
        calls_without_end="while True:\n    measure()",
        calls_that_fail_without_end="while True:\n    try:\n        move(fail=True)\n    except RuntimeError:\n        pass",
        calls_in_a_finally="try:\n    move(fail=True)\nfinally:\n    while True:\n        measure()",
        calls_in_recursion="def f():\n    measure()\n    f()\nf()",
        lines_without_end="while True:\n    print('x' * 1000)",
        one_endless_line="while True:\n    print('', end='x')",
        a_printed_shared_list=_DAG + "print(x)",
        a_long_printed_text="print('x' * 5_000_000)",
    ),
    *_bombs(
        "calls and output",
        ProgramError,
        a_long_error="raise ValueError('x' * 1_000_000)",
        a_long_failed_assertion="assert not 'x' * 1_000_000, 'y' * 1_000_000",
    ),
    *_bombs(
        "the agent's memory and time",
        LimitExceededError,
        a_long_argument="measure(of='y' * 100_000)",
        a_list_of_one_long_text="measure(of=['y' * 1_000_000] * 1000)",
        a_shared_list_seven_deep=_SHARED.format(levels=7, width=10) + "measure(of=x)",
        a_shared_list_four_deep=_SHARED.format(levels=4, width=30) + "measure(of=x)",
        a_shared_list_three_deep=_SHARED.format(levels=3, width=100) + "measure(of=x)",
        a_shared_dict="x = {'a': 1}\nfor i in range(6):\n    x = {str(j): x for j in range(20)}\nmeasure(of=x)",
        one_long_key="measure(of={'k' * 1_000_000: 1})",
        one_long_keyword="measure(**{'k' * 1_000_000: 1})",
        many_keywords="measure(**{f'k{i}': 1 for i in range(20_000)})",
        many_positions="measure(*range(20_000))",
        one_text_in_many_positions="measure(*['y' * 10_000] * 1000)",
        letters_of_four_bytes="measure(of='\U0001f916' * 10_000)",
        many_empty_lists="measure(of=[[]] * 100_000)",
        long_numbers="measure(of=[10**300] * 10_000)",
    ),
    *_bombs(
        "the agent's memory and time",
        ProgramError,
        a_shared_list_forty_deep=_DAG + "measure(of=x)",
        a_deep_list="x = []\nfor i in range(40_000):\n    x = [x]\nmeasure(of=x)",
        a_deep_dict="x = {}\nfor i in range(20_000):\n    x = {'a': x}\nmeasure(of=x)",
        a_long_number_as_argument="measure(of=7 ** 50_000)",
    ),
    *_bombs(
        "the agent's memory and time",
        ForbiddenError,
        a_long_name="x" * 16_000 + "()",
        a_wait="import time\ntime.sleep(1000)",
        a_wait_in_an_event_loop="import asyncio\nasync def f():\n    await asyncio.sleep(1000)\nasyncio.run(f())",
    ),
)
