# The service with everything it needs: `autograder serve`, its workers, and every other command. docs/deploy.md says how it is run,
# and which walls around student code a container lets up.
FROM python:3.12-slim AS packages
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/autograder
# The packages change rarely and take minutes, so they are a layer of their own.
COPY requirements.lock /tmp/requirements.lock
RUN /opt/autograder/bin/pip install -r /tmp/requirements.lock
COPY . /srv/course
RUN /opt/autograder/bin/pip install --no-deps --no-build-isolation -e /srv/course

FROM python:3.12-slim
# Graded as root, student code would get a user id of its own; as an ordinary user it is held by user namespaces, Landlock and seccomp.
RUN useradd --system --uid 10001 --home-dir /data --shell /usr/sbin/nologin autograder \
    && install -d -m 0700 -o autograder -g autograder /data
COPY --from=packages /opt/autograder /opt/autograder
COPY --from=packages /srv/course /srv/course
ENV PATH=/opt/autograder/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    AUTOGRADER_DATA=/data \
    AUTOGRADER_RECEIPT_KEY=/data/receipt-key.pem \
    XDG_CACHE_HOME=/tmp/cache
USER autograder
WORKDIR /srv/course
# Uploads, keys and, without AUTOGRADER_DATABASE, the database.
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["autograder", "serve", "--host", "0.0.0.0", "--port", "8000"]
