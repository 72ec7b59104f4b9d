"""A local AWS: moto, plus everything that real Terraform and running tasks need and that moto
lacks.
"""
