"""The web application: a greeting at `/`, and a health check at `/health`."""

import os

from flask import Flask, jsonify
from flask.typing import ResponseReturnValue

app = Flask(__name__)


@app.get("/")
def index() -> ResponseReturnValue:
    # The process id shows which of the two workers has responded.
    return jsonify(message="Hello from Flask", process=os.getpid())


@app.get("/health")
def health() -> ResponseReturnValue:
    return jsonify(status="ok")
