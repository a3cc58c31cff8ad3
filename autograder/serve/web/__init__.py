"""What browsers meet. `routes` says who may reach what; pages are drawn on the server and run no script but our own files."""

from autograder.serve.web.app import application

__all__ = ["application"]
