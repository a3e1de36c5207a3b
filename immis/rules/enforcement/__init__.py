"""Cases from evidence to order: what a penalty is reckoned of, replies, appeals, and what lands on the desk."""
