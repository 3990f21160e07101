"""Start the app's server: ``python -m qa_app --port 8501``."""

import argparse


def main() -> None:
    """Read the arguments and serve until stopped."""
    parser = argparse.ArgumentParser(prog="qa_app", description="The review app's server.")
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on")
    parser.add_argument("--port", type=int, default=8501, help="the port to listen on")
    arguments = parser.parse_args()

    from qa_app.server import run

    run(host=arguments.host, port=arguments.port)


if __name__ == "__main__":
    main()
