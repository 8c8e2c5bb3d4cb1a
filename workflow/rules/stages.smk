# One rule a stage of dvc.yaml. Its output is a record of the stage, since Snakemake deletes and touches its outputs;
# the data is DVC's.
for stage in RULED:

    rule:
        name:
            stage.rule
        input:
            inputs=INPUTS if stage.name == PARAMETERS else [],
            records=records_of(stage),
            shards=[record_path(shard_name(stage.name, i)) for i in shards_of(stage)],
        output:
            record=record_path(stage.name),
        log:
            str(LOGS / f"{stage.name}.log"),
        benchmark:
            str(BENCHMARKS / f"{stage.name}.tsv")
        group:
            group_of(stage)
        # Made in a second, and read by all others.
        localrule: stage.name == PARAMETERS
        conda:
            "../envs/hcutal.yaml"
        # Where shards have done the work, the stage gathers it.
        threads: 1 if shards_of(stage) else threads_of(stage)
        resources:
            mem_mb=memory_of(stage),
            runtime=minutes_of(stage),
            gpu=RESOURCES[stage.kind].gpu,
        params:
            stage=stage.name,
        shell:
            "python -m hcutal.pipeline.run_stage {params.stage:q} --log {log:q} --cores {threads}"
