"""The web application: what it is, and whether it is well."""

import os

from flask import Flask, jsonify
from flask.typing import ResponseReturnValue

app = Flask(__name__)


@app.get("/")
def index() -> ResponseReturnValue:
    # Two workers answer; the process tells which one did.
    return jsonify(message="Hello from Flask", process=os.getpid())


@app.get("/health")
def health() -> ResponseReturnValue:
    return jsonify(status="ok")
