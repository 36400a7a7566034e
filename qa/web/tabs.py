"""What the Batch tab and the Corpus tab ask of the server."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from typing import Any

from qa import AskOptions
from qa.errors import FileError, LoginError
from qa.holdings import Column, Editor, holdings, timeline
from qa.web import draw
from qa.web.batches import FORMS, Batches, Job
from qa.web.desk import Desk
from qa.web.faults import in_words
from qa.web.gate import MAX_MEGABYTES
from qa.web.limits import files, mistakes
from qa.web.look import Look
from qa.web.service import Function, Told, filters_of, guarded
from qa.web.words import say

_ROWS = 200  # rows drawn at once


def _data(told: Mapping[str, Any]) -> bytes:
    """Return the content of a file that the page sends.

    Raises:
        FileError: it is too large, or was damaged on the way.
    """
    sent = str(told["data"])
    if len(sent) > MAX_MEGABYTES * 2**20 * 4 // 3:
        raise FileError(f"the file is larger than {MAX_MEGABYTES} MB")
    try:
        return base64.b64decode(sent, validate=True)
    except binascii.Error as error:
        raise FileError("the file was damaged on its way; send it again") from error


def batch_functions(batches: Batches) -> list[Function]:
    """Return what the Batch tab calls."""

    def batch_start(told: Mapping[str, Any], look: Look) -> Told:
        options = AskOptions(filters=filters_of(told.get("filters", {})))
        return {"job": batches.start(str(told["name"]), _data(told), options)}

    def batch_look(told: Mapping[str, Any], look: Look) -> Told:
        job, start = batches.jobs.get(str(told["job"])), max(0, int(told["start"]))
        if job is None:
            return {"error": say("batch_gone", look.language)}
        return _job(job, start, look)

    def batch_cancel(told: Mapping[str, Any], look: Look) -> Told:
        job = batches.jobs.get(str(told["job"]))
        if job:
            job.stopped = True
        return {}

    def batch_download(told: Mapping[str, Any], look: Look) -> Told:
        job, form = batches.jobs.get(str(told["job"])), str(told["form"])
        if job is None:
            return {"error": say("batch_gone", look.language)}
        sent = base64.b64encode(job.file(form)).decode("ascii")
        return {"name": f"{job.file_name}.{form}", "type": FORMS[form], "data": sent}

    return [guarded(each) for each in (batch_start, batch_look, batch_cancel, batch_download)]


def _job(job: Job, start: int, look: Look) -> Told:
    stage = job.stage  # read first: the rows of a job that has ended are all there
    records = [record for record, _ in zip(job.records(start), range(_ROWS), strict=False)]
    key = {"running": "batch_running", "done": "batch_done", "cancelled": "batch_cancelled", "failed": "failed"}[stage]
    counts = {"name": job.name, "done": job.done, "total": len(job.rows), "found": job.found}
    if job.error:
        counts["error"] = in_words(job.error, look.language)
    return {
        "stage": "running" if stage != "running" and len(records) == _ROWS else stage,
        "done": job.done,
        "total": len(job.rows),
        "next": start + len(records),
        "words": say(key, look.language, **counts),
        "html": draw.batch_rows(records, start, look),
    }


def corpus_functions(desk: Desk, editor: Editor) -> list[Function]:
    """Return what the Corpus tab calls."""
    sent, wrong = files(), mistakes()

    def allow(told: Mapping[str, Any]) -> None:
        """Let the caller change the folder; too many wrong passwords in a minute are not even compared."""
        wrong.check()
        try:
            editor.check(str(told.get("password", "")))
        except LoginError:
            wrong.take()
            raise

    def corpus(told: Mapping[str, Any], look: Look) -> Told:
        found = holdings(desk.corpus, desk.opened())
        columns = timeline([each.article for each in found.held if each.state != "removed"])
        return {"html": draw.corpus(found, _bars(columns), editor, look), "moved_on": found.moved_on}

    def corpus_add(told: Mapping[str, Any], look: Look) -> Told:
        allow(told)
        sent.take()
        editor.add(str(told["name"]), _data(told))
        return {"words": say("added", look.language, names=told["name"])}

    def corpus_remove(told: Mapping[str, Any], look: Look) -> Told:
        allow(told)
        editor.remove(str(told["article"]))
        return {"words": say("removed", look.language, name=told["article"])}

    def corpus_rebuild(told: Mapping[str, Any], look: Look) -> Told:
        allow(told)
        desk.prepare()
        return {"words": say("rebuilding", look.language)}

    return [guarded(each) for each in (corpus, corpus_add, corpus_remove, corpus_rebuild)]


def _bars(columns: tuple[Column, ...]) -> dict[str, Any]:
    """Return the plot's geometry: columns side by side, in each the outlets stacked in one order."""
    outlets = sorted({outlet for column in columns for outlet in column.counts})
    most = max((sum(column.counts.values()) for column in columns), default=1)
    drawn = [{"column": column, "parts": _parts(column, outlets, most)} for column in columns]
    return {"columns": drawn, "outlets": outlets}


def _parts(column: Column, outlets: list[str], most: int) -> list[dict[str, Any]]:
    return [
        {"outlet": outlet, "number": number, "count": column.counts[outlet], "size": 100 * column.counts[outlet] / most}
        for number, outlet in enumerate(outlets)
        if column.counts.get(outlet)
    ]
