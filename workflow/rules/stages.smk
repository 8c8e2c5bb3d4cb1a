# One rule a stage of dvc.yaml. Its output is a record of the stage, since Snakemake deletes and touches its outputs;
# the data is DVC's.
for stage in GRAPH.values():

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
        conda:
            "../envs/hcutal.yaml"
        # Where shards have done the work, the stage gathers it.
        threads: 1 if shards_of(stage) else stage.threads_of(workflow.resource_settings.cores)
        resources:
            mem_mb=stage.memory_mb,
            runtime=stage.minutes,
        params:
            stage=stage.name,
        shell:
            "python -m hcutal.pipeline.run_stage {params.stage:q} --log {log:q} --cores {threads}"
