# After the stages: each experiment's state into MLflow, and one table of all experiments.
for experiment, stages in EXPERIMENTS.items():
    if not is_ruled(track_name(experiment), rule_name("track", experiment), ALLOWED):
        continue

    rule:
        name:
            rule_name("track", experiment)
        input:
            records=[record_path(s.name) for s in stages],
        output:
            record=record_path(track_name(experiment)),
        log:
            str(LOGS / f"{track_name(experiment)}.log"),
        localrule: True
        conda:
            "../envs/hcutal.yaml"
        params:
            experiment=experiment,
        shell:
            "python -m hcutal.pipeline.tracking {params.experiment:q} > {log:q} 2>&1"
            " || {{ tail -n 10 {log:q} >&2; false; }}"


rule compare:
    input:
        records=[record_path(name) for name in GRAPH if name != PARAMETERS],
    output:
        record=record_path(COMPARE),
        csv=str(COMPARED_CSV),
        table=report(
            str(COMPARED_MARKDOWN), caption="../report/compare.rst", category="Results"
        ),
        # Copies: the pages themselves are DVC's.
        pages=report(
            directory(str(REPORT_PAGES)),
            patterns=["{experiment}.html"],
            caption="../report/page.rst",
            category="Pages of experiments",
        ),
    log:
        str(LOGS / "compare.log"),
    localrule: True
    conda:
        "../envs/hcutal.yaml"
    shell:
        "python -m hcutal.pipeline.compare > {log:q} 2>&1"
        " || {{ tail -n 10 {log:q} >&2; false; }}"
