# One rule a stage of dvc.yaml. Its output is a record of the stage, since Snakemake deletes and touches its outputs;
# the data is DVC's.
for stage in GRAPH.values():

    rule:
        name:
            stage.rule
        input:
            params="params.yaml" if stage.name == PARAMETERS else [],
            records=records_of(stage),
        output:
            record=record_path(stage.name),
        log:
            f".hcutal/logs/{stage.name}.log",
        benchmark:
            f".hcutal/benchmarks/{stage.name}.tsv"
        conda:
            "../envs/hcutal.yaml"
        threads: stage.threads
        resources:
            mem_mb=8000 if stage.kind in ("train", "features") else 2000,
            runtime=720 if stage.kind in ("train", "features") else 60,
        params:
            stage=stage.name,
        shell:
            "python -m hcutal.pipeline.run_stage {params.stage:q} --log {log:q}"
