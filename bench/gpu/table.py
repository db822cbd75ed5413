"""result.json as Markdown."""


def cell(value, form="{}"):
    return "" if value is None else form.format(value)


def grid(header, rows):
    yield "| " + " | ".join(header) + " |"
    yield "| " + " | ".join("---" for _ in header) + " |"
    for row in rows:
        yield "| " + " | ".join(str(c).replace("|", "\\|") for c in row) + " |"


def failures(result):
    return [(name, part["failure"]) for name, part in result["parts"].items() if part.get("failure")]


def of(result):
    parts = result["parts"]
    lines = [f"# mtlc on {card(result)}", "", f"Begun {result['began']}, {result['seconds']} s in all."]
    for name, part in parts.items():
        lines += ["", f"## {name} ({part['seconds']} s)", ""]
        if part.get("failure"):
            lines += [f"**{part['failure']}**", ""]
        lines += globals()[f"of_{name}"](part)
    return "\n".join(lines) + "\n"


def card(result):
    cards = result["parts"].get("machine", {}).get("cards") or []
    return cards[0]["name"] if cards and result["device"] != "cpu" else result["device"]


def of_machine(part):
    if "pytorch" not in part:
        return []
    cards = [
        f"{c['name']}, driver {c['driver']}, {c['memory_mib']} MiB, compute capability {c['compute']}" for c in part["cards"]
    ]
    cards = cards or ["no card"]
    python = f"Python {part['python']}, PyTorch {part['pytorch']} (CUDA {part['pytorch_cuda']})"
    return [f"{part['system']}, {part['cores']} cores, {python}; {'; '.join(cards)}"]


def of_doctor(part):
    yield from (f"- not usable: {path}: {why}" for path, why in part.get("not_usable", {}).items())
    if "version" not in part:
        return
    yield f"- libtorch {part['version']} of {part['libtorch']}"
    yield from (f"- {notice}" for notice in part["notices"])
    yield from (
        f"- self-test on {t['device']}: {'passed' if t['passed'] else 'FAILED'}, {t['answers']} answers, {t['seconds']:.1f} s"
        for t in part["self_tests"]
    )
    yield from (f"- wrong: {wrong}" for wrong in part["wrong"][:20])


def of_tests(part):
    if "passed" in part:
        yield f"{part['passed']} passed, {part['failed']} failed, {part['skipped']} skipped" + (
            "" if part["complete"] else ", not complete"
        )
        yield from (f"- {t['test']}: {t['message']}" for t in part["failed_tests"][:20])


def of_contest(part):
    if "contestants" not in part:
        return
    yield (
        f"A training step of branched, batch {part['batch']}, {part['height']}x{part['width']}, on one batch again and again; "
        f"{part['steps_a_turn']} steps a turn, {part['rounds']} rounds."
    )
    yield ""
    yield from grid(
        ["contestant", "ms a step", "images/s", "time of / its time", "reserved MiB", ""],
        [
            [
                r["contestant"],
                cell(r.get("ms_a_step")),
                cell(r.get("images_a_second")),
                cell(r.get("ratio"), f"{{:.2f}} ({r['against']})"),
                cell(r.get("reserved_mib"), "{:.0f}"),
                r["failure"] or "",
            ]
            for r in part["contestants"]
        ],
    )


def of_runs(part):
    if "rows" not in part:
        return
    yield (
        f"`mtlc run`, {part['steps']} steps of batch {part['batch']}, {part['size']}, synthetic scenes, data loading included; "
        "the first fifth of the steps is not counted. GPU memory: the most in use, less "
        f"{cell(part['memory_in_use_before_mib'], '{:.0f}') or '-'} MiB before; planned: `mtlc plan`."
    )
    yield ""
    yield from grid(
        ["network", "settings", "ms a step", "images/s", "GPU busy", "GPU MiB", "planned MiB", "host MiB", ""],
        [
            [
                r["network"],
                " ".join(r["settings"]),
                cell(r.get("ms_a_step")),
                cell(r.get("images_a_second")),
                cell(r.get("gpu_busy"), "{:.0%}"),
                cell(r.get("gpu_memory_mib"), "{:.0f}"),
                cell(r.get("planned_mib")),
                cell(r.get("host_memory_mib")),
                r.get("failure") or (f"{r['skipped']} steps skipped" if r.get("skipped") else ""),
            ]
            for r in part["rows"]
        ],
    )


def of_resume(part):
    if "killed" not in part:
        return
    resumed = f", resumed to step {part['steps']}" if not part["failure"] else ""
    yield f"Ended by kill -9 behind the checkpoint of step {part['newest_checkpoint_when_killed']}{resumed}."
    if "equal_to_the_last_digit" in part:
        yield (
            "The losses are those of a run that never was, to the last digit."
            if part["equal_to_the_last_digit"]
            else f"The losses differ from those of a run that never was by {part['largest_difference_of_a_loss']:.1e} of a loss at most."
        )
