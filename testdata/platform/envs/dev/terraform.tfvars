cluster_name = "goldenpath-dev-eks"
