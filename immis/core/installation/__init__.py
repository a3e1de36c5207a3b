"""What an installation is: whose department, real or to practise on, its first start, what of it is not set."""
