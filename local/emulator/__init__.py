"""A local AWS: moto, plus what real Terraform and running tasks need of it that moto lacks."""
