# The work of a features stage in parts: each rule extracts some recordings into a cache that all share, where the
# stage then finds them. A recording that is there is not extracted again, so a part that was interrupted goes on.
for stage in RULED:
    for i in shards_of(stage):

        rule:
            name:
                f"{stage.rule}_shard_{i}"
            input:
                records=records_of(stage),
            output:
                record=record_path(shard_name(stage.name, i)),
            log:
                str(LOGS / f"{shard_name(stage.name, i)}.log"),
            benchmark:
                str(BENCHMARKS / f"{shard_name(stage.name, i)}.tsv")
            conda:
                "../envs/hcutal.yaml"
            threads: threads_of(stage)
            resources:
                mem_mb=memory_of(stage),
                runtime=minutes_of(stage),
                gpu=RESOURCES[stage.kind].gpu,
            params:
                dataset=stage.key,
                shard=i,
            shell:
                "HCUTAL_CORES={threads} python -m hcutal.stages.shard {params.dataset:q} {params.shard} > {log:q} 2>&1 "
                "&& touch {output.record:q} || {{ tail -n 30 {log:q} >&2; exit 1; }}"
