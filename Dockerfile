# pixelproof in a container: the same command line. Served beyond loopback, its control plane wants a token.
#   docker build -t pixelproof .
#   docker run --rm -p 8765:8765 -e PIXELPROOF_ADMIN_TOKEN=… pixelproof
#   docker run --rm -v "$PWD:/work" pixelproof verify --target target.yaml
FROM python:3.11-slim AS build
WORKDIR /src
COPY . .
RUN python -m venv /opt/pixelproof && /opt/pixelproof/bin/pip install --no-cache-dir -c constraints.txt .

FROM python:3.11-slim
RUN useradd --create-home --uid 10001 pixelproof && mkdir /work && chown pixelproof /work
COPY --from=build /opt/pixelproof /opt/pixelproof
ENV PATH=/opt/pixelproof/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
USER pixelproof
WORKDIR /work
EXPOSE 8765
# of use while it serves; other commands end by themselves
HEALTHCHECK --interval=10s --timeout=2s --start-period=3s \
  CMD ["python", "-c", "import socket; socket.create_connection(('127.0.0.1', 8765), 1).close()"]
ENTRYPOINT ["pixelproof"]
CMD ["serve", "openai", "--host", "0.0.0.0"]
