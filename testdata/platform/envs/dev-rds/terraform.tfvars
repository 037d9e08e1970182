databases = ["backstage", "keycloak"]
