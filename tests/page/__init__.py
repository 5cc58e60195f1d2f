"""The page for people at ``/__admin/``, in a browser."""
