"""The course's data sets: what students' code finds instead of a network, and what hidden graders draw from."""

from autograder.data import imdb
from autograder.data.store import PROFILES, DataSets, Profile, choose, digest, mentioned, publish

__all__ = ["PROFILES", "DataSets", "Profile", "choose", "digest", "imdb", "mentioned", "publish"]
