"""`hcutal label`: the page of a run, in which clusters are named and segments are marked."""

import click

from hcutal.commands.browser import open_browser
from hcutal.commands.host_option import host_option, warn_of_others
from hcutal.commands.names_of_runs import check_names, first_run


@click.command("label")
@click.argument("name", metavar="EXPERIMENT|RUN")
@click.option(
    "--port", default=0, type=click.IntRange(0, 65535), help="Of the address; default: one that is free."
)
@host_option
@click.option("--no-browser", is_flag=True, help="Only say the address.")
def command(name: str, port: int, host: str, no_browser: bool) -> None:
    """Open the page of a run, to name clusters, mark segments and drop recordings in it.

    An experiment stands for the run of its first seed. What you say is saved to labels/ at once, and used by the next
    `hcutal run`, which the page can start. Nobody else can open the page: it is served to this machine alone, at an
    address with a random token; with --host, to whoever has that address.
    """
    import signal
    import sys

    from hcutal.labelling.label_server import LabelServer
    from hcutal.params.document import load
    from hcutal.pipeline.run import require_project
    from hcutal.pipeline.teach import agreement_lines

    require_project()
    document = load()
    check_names([name], document)
    run = first_run(name, document)
    warn_of_others(
        host, "whoever has the address that follows sees the recordings and changes what is said of them"
    )
    # A run that the page started ends with the server.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with LabelServer(run, port, agreed=lambda: agreement_lines(run, document), host=host) as server:
        print(f"open {server.address} (Ctrl-C ends it; what you say is saved to labels/ at once)", flush=True)
        if not no_browser:
            open_browser(server.address)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print("\n".join(["", *agreement_lines(run, document), f"to go on: hcutal run {name}"]))
