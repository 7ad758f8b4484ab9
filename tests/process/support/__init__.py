"""What the process tests share: namespaces, certificates, servers good and bad, clients and dotkeep itself."""
