"""A certificate authority for one cluster, and the certificate that all of its machines share."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

from autograder.errors import UsageError
from autograder.files import write_atomically

CA, CERTIFICATE, KEY = "ca.pem", "cert.pem", "key.pem"
DAYS = 400
"""For how long they are valid: a course, and a little more."""


def make_certificates(folder: Path) -> tuple[Path, Path, Path]:
    """Write CA, certificate and key into `folder`, which every machine of the cluster needs; the key is for its owner alone.

    The CA's own key is forgotten, so that nobody can make more of them: whoever leaves the cluster is shut out by making all anew.
    Dask checks that a certificate is of the CA, not whose it is, so one for all is worth as much as one each.

    Raises:
        UsageError: there are some already; they may be in use.
        EngineError: they cannot be written.
    """
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    paths = folder / CA, folder / CERTIFICATE, folder / KEY
    if there := [path for path in paths if path.exists()]:
        raise UsageError(f"{there[0]} exists, and a cluster may be using it: name another folder.")
    now = datetime.now(UTC)

    def builder(subject: str, issuer: str, public: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
        names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in (subject, issuer)]
        return (
            x509.CertificateBuilder()
            .subject_name(names[0])
            .issuer_name(names[1])
            .public_key(public)
            .serial_number(x509.random_serial_number())
            # A machine's clock may be a little behind.
            .not_valid_before(now - timedelta(hours=1))
            .not_valid_after(now + timedelta(days=DAYS))
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        )

    def usage(*, signs: bool) -> x509.KeyUsage:
        return x509.KeyUsage(
            digital_signature=not signs,
            key_cert_sign=signs,
            crl_sign=signs,
            content_commitment=False,
            key_encipherment=False,
            data_encipherment=False,
            key_agreement=False,
            encipher_only=False,
            decipher_only=False,
        )

    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca_name, name = "autograder cluster CA", "autograder cluster"
    ca = (
        builder(ca_name, ca_name, ca_key.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(usage(signs=True), critical=True)
        .sign(ca_key, hashes.SHA256())
    )
    both = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH])
    certificate = (
        builder(name, ca_name, key.public_key())
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage(signs=False), critical=True)
        .add_extension(both, critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(ca_key.public_key()), critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    mask = os.umask(0o077)
    try:
        write_atomically(paths[2], private)
    finally:
        os.umask(mask)
    write_atomically(paths[1], certificate.public_bytes(pem))
    write_atomically(paths[0], ca.public_bytes(pem))
    return paths
