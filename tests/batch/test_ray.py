"""A Ray cluster makes what one process makes, whatever of it is lost in the middle."""

from __future__ import annotations

import json
import os
import signal
import socket
import sys
import time
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from convert import __version__
from convert.batch.engines import local
from convert.batch.engines import ray as engine
from convert.batch.job.run import Observer, run_batch
from convert.batch.job.worker import Worker
from convert.batch.model import OutputTarget, ShardOutcome, Task
from convert.batch.progress import Silent
from convert.diagnostics import Severity
from convert.errors import EnvironmentFailed, UsageError
from convert.inputs import sources
from convert.inputs.piece import Piece, Shard
from convert.inputs.sources import Selection
from tests.batch.test_faults import waited
from tests.support.commands import TIMEOUT_S, articles, contents, plainwiki, started

if TYPE_CHECKING:
    from ray.cluster_utils import Cluster

pytestmark = pytest.mark.slow

#: A node that listens to nobody beyond this machine, and takes little memory.
NODE = {"num_cpus": 1, "object_store_memory": 80 << 20, "include_dashboard": False, "node_ip_address": "127.0.0.2"}
#: How soon a node that does not answer is given up.
HEALTH = {"health_check_initial_delay_ms": 500, "health_check_period_ms": 500, "health_check_failure_threshold": 3}

TASK = Task("wikitext", "line")
ARTICLES = 6000


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    """Give a cluster of one node; tests add and end others."""
    from ray.cluster_utils import Cluster  # takes half a second, and most runs of pytest need none

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        cluster = Cluster(initialize_head=True, connect=False, head_node_args=NODE | {"_system_config": HEALTH})
        yield cluster
        cluster.shutdown()


@pytest.fixture
def connected(cluster: Cluster) -> Iterator[str]:
    """Connect this process for a while; give the address."""
    import ray

    ray.init(address=cluster.address, log_to_driver=False, logging_level="error")
    yield cluster.address
    ray.shutdown()


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a dozen shards, of one stream."""
    path = tmp_path_factory.mktemp("ray") / "stream.txt"
    path.write_bytes(articles(ARTICLES))
    return path


@pytest.fixture(scope="module")
def expected(stream: Path) -> list[ShardOutcome]:
    """Give what one process makes of them."""
    return same(map(Plain(), cut(stream)))


class Plain(Worker):
    """Worker as it is, with the texts in its outcomes."""

    def __init__(self) -> None:
        super().__init__(TASK, OutputTarget(), Severity.INFO)


class Ending(Plain):
    """Worker that ends its own worker at one shard, and notes it in the folder ``ends``, so many times."""

    def __init__(self, ends: Path, times: int) -> None:
        super().__init__()
        self.ends, self.times = ends, times

    def __reduce__(self) -> tuple[type[Ending], tuple[Path, int]]:
        return Ending, (self.ends, self.times)

    def __call__(self, shard: Shard) -> ShardOutcome:
        if shard.number == 3 and (ended := len(list(self.ends.iterdir()))) < self.times:
            (self.ends / str(ended)).touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return super().__call__(shard)


class Slow(Plain):
    """Worker that takes so long that it can be watched, and tells by files which shards it began."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def __reduce__(self) -> tuple[type[Slow], tuple[Path]]:
        return Slow, (self.folder,)

    def __call__(self, shard: Shard) -> ShardOutcome:
        (self.folder / str(shard.number)).touch()
        time.sleep(0.3)
        return super().__call__(shard)


def cut(stream: Path) -> Iterator[Shard]:
    return sources.shards(sources.pieces([str(stream)], Selection()))


def same(outcomes: Iterable[ShardOutcome]) -> list[ShardOutcome]:
    """Leave out of outcomes what differs from run to run: how long it took."""
    return [each._replace(seconds={}, notable=[]) for each in outcomes]


def test_a_cluster_makes_what_one_process_makes(cluster: Cluster, stream: Path, expected: list[ShardOutcome]) -> None:
    assert len(expected) > 10
    assert same(engine.run(cut(stream), Plain(), cluster.address)) == expected


@pytest.mark.parametrize("there", ["", "file://"])
@pytest.mark.parametrize("dest", ["folder/", "lines.jsonl", "dump.xml.zst", "table.parquet"])
def test_every_destination_gets_the_same_bytes(
    connected: str, stream: Path, tmp_path: Path, dest: str, there: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    watch = Observer(lambda source, found: None, Severity.ERROR, Silent())
    task = Task("export" if ".xml" in dest else "wikitext", "text")
    last = tmp_path / "last.txt"
    for name, run in ("one", partial(local.run, jobs=1)), ("ray", partial(engine.run, address=connected)):
        (tmp_path / name).mkdir()
        place = f"{there if name == 'ray' else ''}{tmp_path}/{name}"
        for turn in range(1, 3):
            last.write_bytes(articles(turn, first=ARTICLES))
            os.utime(last, (turn, turn))
            summary = run_batch([str(stream), str(last)], Selection(), task, f"{place}/{dest}", run, watch)
            assert (summary.written, summary.rejected) == (ARTICLES + turn, 0)
        assert 0 < summary.reused < ARTICLES
    assert contents(tmp_path / "one") == contents(tmp_path / "ray")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL])
def test_a_run_that_is_ended_goes_on(cluster: Cluster, stream: Path, tmp_path: Path, number: signal.Signals) -> None:
    on_ray = ("--engine", "ray", "--ray-address", cluster.address)
    command = ("batch", "-", "-t", "wikitext", "-q", "-o", f"{tmp_path}/out.jsonl")
    process = started(*command, *on_ray)
    assert process.stdin
    process.stdin.write(stream.read_bytes())
    process.stdin.flush()
    waited(lambda: any(path.stat().st_size > 10**6 for path in tmp_path.glob(".out.jsonl.plainwiki")))
    process.send_signal(number)
    said = process.communicate(timeout=TIMEOUT_S)[1].decode()
    assert process.returncode == (130 if number == signal.SIGINT else -number), said
    assert said.count("\n") == (3 if number == signal.SIGINT else 0), said
    assert not (tmp_path / "out.jsonl").exists()
    ran = plainwiki(*command, *on_ray, "--summary", f"{tmp_path}/summary.json", given=stream.read_bytes())
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, b"", b"")
    summary = json.loads((tmp_path / "summary.json").read_bytes())
    assert summary["written"] == ARTICLES
    assert summary["reused"] > 0
    plainwiki(*command[:-1], f"{tmp_path}/expected.jsonl", given=stream.read_bytes())
    assert (tmp_path / "out.jsonl").read_bytes() == (tmp_path / "expected.jsonl").read_bytes()


def test_a_node_lost_in_the_middle_is_made_up_for(
    cluster: Cluster, stream: Path, expected: list[ShardOutcome], tmp_path: Path
) -> None:
    second = cluster.add_node(**NODE)
    outcomes = engine.run(cut(stream), Slow(tmp_path), cluster.address)
    found = [next(outcomes)]
    cluster.remove_node(second, allow_graceful=False)
    assert same([*found, *outcomes]) == expected


def test_a_worker_that_is_killed_is_made_up_for(
    cluster: Cluster, stream: Path, expected: list[ShardOutcome], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert same(engine.run(cut(stream), Ending(tmp_path, 2), cluster.address)) == expected
    assert len(list(tmp_path.iterdir())) == 2
    said, warned = capfd.readouterr()
    assert said == ""
    assert "plainwiki: Ray: (raylet) A worker died or was killed while executing a task" in warned


def test_a_shard_that_kills_every_worker_ends_the_run(cluster: Cluster, stream: Path, tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFailed, match=f"Ray gave up {stream} after 4 tries: The worker died unexpectedly"):
        list(engine.run(cut(stream), Ending(tmp_path, 100), cluster.address))
    assert len(list(tmp_path.iterdir())) == 4


def test_a_shard_that_takes_too_much_memory_ends_the_run(
    stream: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which Ray by itself would try forever."""
    monkeypatch.setenv("RAY_memory_usage_threshold", "0.0001")  # whatever runs takes more
    monkeypatch.setenv("RAY_memory_monitor_refresh_ms", "50")
    with pytest.raises(EnvironmentFailed, match=f"not enough memory for {stream}, in 4 tries: give it more, try fewer"):
        list(engine.run(cut(stream), Slow(tmp_path), engine.LOCAL, 1))


def test_shards_are_cut_only_when_somebody_can_work_them(cluster: Cluster, stream: Path, tmp_path: Path) -> None:
    taken: list[int] = []

    def watched() -> Iterator[Shard]:
        for shard in cut(stream):
            taken.append(shard.number)
            yield shard

    outcomes = engine.run(watched(), Slow(tmp_path), cluster.address)
    next(outcomes)
    assert len(taken) <= 5
    outcomes.close()
    begun = len(list(tmp_path.iterdir()))
    time.sleep(0.5)
    assert len(list(tmp_path.iterdir())) == begun <= 3


def test_an_input_that_a_node_does_not_see_is_told(cluster: Cluster) -> None:
    # Every process sees something else there.
    path = f"/proc/self/task/{os.getpid()}/comm"
    shard = Shard(0, (Piece(path, path, "plain", end=1),))
    with pytest.raises(EnvironmentFailed, match=f"does not see {path}: all machines must share the file system"):
        list(engine.run(iter([shard]), Plain(), cluster.address))


def test_a_node_with_another_version_is_told(cluster: Cluster, stream: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "__version__", "0.0.1")
    with pytest.raises(EnvironmentFailed, match=f"has plainwiki {__version__}, but it is 0.0.1 here: install the same"):
        list(engine.run(cut(stream), Plain(), cluster.address))


def test_without_work_no_cluster_is_asked_for() -> None:
    assert list(engine.run(iter([]), Plain(), "head")) == []


def test_a_cluster_that_cannot_be_reached_is_told(stream: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
    with pytest.raises(EnvironmentFailed, match=f"no Ray at {address}: Connection refused; is it the address"):
        list(engine.run(cut(stream), Plain(), address))
    with pytest.raises(UsageError, match="'head' is no address of Ray: give HOST:PORT, auto or local"):
        list(engine.run(cut(stream), Plain(), "head"))


def test_without_ray_it_is_said_how_to_get_it(stream: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UsageError, match=r"pip install 'plainwiki\[ray\]'"):
        list(engine.run(cut(stream), Plain()))
