# A target a suite and data set whose experiments are in params.yaml, as `hcutal run table6 --data watch` writes them:
# `snakemake -c all table6_watch`. No part of `all`.
for target in suite_targets(load()):

    rule:
        name:
            target.rule
        input:
            records=[record_path(track_name(name)) for name in target.experiments],
        output:
            file=str(target.file),
        log:
            str(LOGS / f"{target.rule}.log"),
        localrule: True
        conda:
            "../envs/hcutal.yaml"
        params:
            suite=target.suite,
            dataset=target.dataset,
        shell:
            "python -m hcutal.pipeline.suite_targets {params.suite:q} {params.dataset:q} > {log:q} 2>&1"
            " || {{ tail -n 10 {log:q} >&2; false; }}"
