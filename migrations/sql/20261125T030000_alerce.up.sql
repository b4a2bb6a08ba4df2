-- One transaction. It may be edited until it is applied.

CREATE TABLE step (
  step_id character varying NOT NULL,
  name character varying NOT NULL,
  version character varying NOT NULL,
  comments character varying NOT NULL,
  date timestamp without time zone NOT NULL,
  CONSTRAINT step_pkey PRIMARY KEY (step_id)
);
COMMENT ON COLUMN step.step_id IS 'Identifier of the step';
COMMENT ON COLUMN step.name IS 'Name of the step';
COMMENT ON COLUMN step.version IS 'Version of its code';
COMMENT ON COLUMN step.comments IS 'Remarks';
COMMENT ON COLUMN step.date IS 'When it was put to use, UTC';

CREATE TABLE object (
  oid character varying NOT NULL,
  ndethist integer,
  ncovhist integer,
  mjdstarthist double precision,
  mjdendhist double precision,
  corrected boolean,
  stellar boolean,
  ndet integer,
  g_r_max double precision,
  g_r_max_corr double precision,
  g_r_mean double precision,
  g_r_mean_corr double precision,
  meanra double precision,
  meandec double precision,
  sigmara double precision,
  sigmadec double precision,
  deltajd double precision,
  firstmjd double precision,
  lastmjd double precision,
  step_id_corr character varying,
  diffpos boolean,
  reference_change boolean,
  CONSTRAINT object_pkey PRIMARY KEY (oid)
);
CREATE INDEX ix_object_firstmjd ON object USING btree (firstmjd);
CREATE INDEX ix_object_g_r_max ON object USING btree (g_r_max);
CREATE INDEX ix_object_g_r_mean_corr ON object USING btree (g_r_mean_corr);
CREATE INDEX ix_object_meandec ON object USING btree (meandec);
CREATE INDEX ix_object_meanra ON object USING btree (meanra);
CREATE INDEX ix_object_ndet ON object USING btree (ndet);
COMMENT ON COLUMN object.oid IS 'Object identifier, as in ZTF18aaxlzgi';
COMMENT ON COLUMN object.ndethist IS 'Spatially coincident detections since the survey began, within 1.5 arcsec';
COMMENT ON COLUMN object.ncovhist IS 'Visits that covered the position since the survey began';
COMMENT ON COLUMN object.mjdstarthist IS 'First of those detections, modified Julian date [d]';
COMMENT ON COLUMN object.mjdendhist IS 'Last of those detections, modified Julian date [d]';
COMMENT ON COLUMN object.corrected IS 'Whether the magnitudes could be corrected for the reference source';
COMMENT ON COLUMN object.stellar IS 'Whether the nearest reference source is a star';
COMMENT ON COLUMN object.ndet IS 'Detections stored';
COMMENT ON COLUMN object.g_r_max IS 'Colour g - r at maximum, difference magnitudes [mag]';
COMMENT ON COLUMN object.g_r_max_corr IS 'Colour g - r at maximum, corrected magnitudes [mag]';
COMMENT ON COLUMN object.g_r_mean IS 'Colour g - r of the means, difference magnitudes [mag]';
COMMENT ON COLUMN object.g_r_mean_corr IS 'Colour g - r of the means, corrected magnitudes [mag]';
COMMENT ON COLUMN object.meanra IS 'Mean right ascension of the detections, J2000 [deg]';
COMMENT ON COLUMN object.meandec IS 'Mean declination of the detections, J2000 [deg]';
COMMENT ON COLUMN object.sigmara IS 'Scatter in right ascension [deg]';
COMMENT ON COLUMN object.sigmadec IS 'Scatter in declination [deg]';
COMMENT ON COLUMN object.deltajd IS 'Time from the first to the last detection [d]';
COMMENT ON COLUMN object.firstmjd IS 'First detection, modified Julian date [d]';
COMMENT ON COLUMN object.lastmjd IS 'Last detection, modified Julian date [d]';
COMMENT ON COLUMN object.step_id_corr IS 'Version of the correction step';
COMMENT ON COLUMN object.diffpos IS 'Whether a detection brighter than the reference exists';
COMMENT ON COLUMN object.reference_change IS 'Whether the reference image changed';

CREATE TABLE taxonomy (
  classifier_name character varying NOT NULL,
  classifier_version character varying NOT NULL,
  classes character varying[] NOT NULL,
  CONSTRAINT taxonomy_pkey PRIMARY KEY (classifier_name, classifier_version)
);
COMMENT ON COLUMN taxonomy.classifier_name IS 'Name of the classifier';
COMMENT ON COLUMN taxonomy.classifier_version IS 'Version of the classifier';
COMMENT ON COLUMN taxonomy.classes IS 'Names of its classes';

CREATE TABLE probability (
  oid character varying NOT NULL,
  class_name character varying NOT NULL,
  classifier_name character varying NOT NULL,
  classifier_version character varying NOT NULL,
  probability double precision NOT NULL,
  ranking integer NOT NULL,
  CONSTRAINT probability_pkey PRIMARY KEY (oid, class_name, classifier_name, classifier_version)
);
CREATE INDEX ix_classification_rank1 ON probability USING btree (ranking) WHERE ranking = 1;
CREATE INDEX ix_probabilities_oid ON probability USING hash (oid);
CREATE INDEX ix_probabilities_probability ON probability USING btree (probability);
CREATE INDEX ix_probabilities_ranking ON probability USING btree (ranking);
COMMENT ON COLUMN probability.oid IS 'Object identifier';
COMMENT ON COLUMN probability.class_name IS 'Class';
COMMENT ON COLUMN probability.classifier_name IS 'Name of the classifier';
COMMENT ON COLUMN probability.classifier_version IS 'Version of the classifier';
COMMENT ON COLUMN probability.probability IS 'Probability of the class, 0 to 1';
COMMENT ON COLUMN probability.ranking IS 'Rank of the class for this object and classifier, from 1';

CREATE TABLE feature_version (
  version character varying NOT NULL,
  step_id_feature character varying,
  step_id_preprocess character varying,
  CONSTRAINT feature_version_pkey PRIMARY KEY (version)
);
COMMENT ON COLUMN feature_version.version IS 'Version of the features';
COMMENT ON COLUMN feature_version.step_id_feature IS 'Step that made the features';
COMMENT ON COLUMN feature_version.step_id_preprocess IS 'Step that prepared its input';

CREATE TABLE feature (
  oid character varying NOT NULL,
  name character varying NOT NULL,
  value double precision,
  fid integer NOT NULL,
  version character varying NOT NULL,
  CONSTRAINT feature_pkey PRIMARY KEY (oid, name, fid, version)
);
CREATE INDEX ix_feature_oid_2 ON feature USING hash (oid);
COMMENT ON COLUMN feature.oid IS 'Object identifier';
COMMENT ON COLUMN feature.name IS 'Name of the feature';
COMMENT ON COLUMN feature.value IS 'Value, in the feature''s own unit';
COMMENT ON COLUMN feature.fid IS 'Filter: 1 g, 2 r, 3 i, 12 g and r, 0 none';
COMMENT ON COLUMN feature.version IS 'Version of the features';

CREATE TABLE xmatch (
  oid character varying NOT NULL,
  catid character varying NOT NULL,
  oid_catalog character varying NOT NULL,
  dist double precision NOT NULL,
  class_catalog character varying,
  period double precision,
  CONSTRAINT xmatch_pkey PRIMARY KEY (oid, catid)
);
COMMENT ON COLUMN xmatch.oid IS 'Object identifier';
COMMENT ON COLUMN xmatch.catid IS 'Catalogue';
COMMENT ON COLUMN xmatch.oid_catalog IS 'Identifier of the source in the catalogue';
COMMENT ON COLUMN xmatch.dist IS 'Angular distance [arcsec]';
COMMENT ON COLUMN xmatch.class_catalog IS 'Class by the catalogue';
COMMENT ON COLUMN xmatch.period IS 'Period by the catalogue [d]';

CREATE TABLE allwise (
  oid_catalog character varying NOT NULL,
  ra double precision NOT NULL,
  "dec" double precision NOT NULL,
  w1mpro double precision,
  w2mpro double precision,
  w3mpro double precision,
  w4mpro double precision,
  w1sigmpro double precision,
  w2sigmpro double precision,
  w3sigmpro double precision,
  w4sigmpro double precision,
  j_m_2mass double precision,
  h_m_2mass double precision,
  k_m_2mass double precision,
  j_msig_2mass double precision,
  h_msig_2mass double precision,
  k_msig_2mass double precision,
  CONSTRAINT allwise_pkey PRIMARY KEY (oid_catalog)
);
CREATE INDEX ix_allwise_dec ON allwise USING btree ("dec");
CREATE INDEX ix_allwise_ra ON allwise USING btree (ra);
COMMENT ON COLUMN allwise.oid_catalog IS 'Identifier of the source';
COMMENT ON COLUMN allwise.ra IS 'Right ascension, J2000 [deg]';
COMMENT ON COLUMN allwise."dec" IS 'Declination, J2000 [deg]';
COMMENT ON COLUMN allwise.w1mpro IS 'Magnitude W1, profile fit [mag]';
COMMENT ON COLUMN allwise.w2mpro IS 'Magnitude W2, profile fit [mag]';
COMMENT ON COLUMN allwise.w3mpro IS 'Magnitude W3, profile fit [mag]';
COMMENT ON COLUMN allwise.w4mpro IS 'Magnitude W4, profile fit [mag]';
COMMENT ON COLUMN allwise.w1sigmpro IS 'Uncertainty of W1 [mag]';
COMMENT ON COLUMN allwise.w2sigmpro IS 'Uncertainty of W2 [mag]';
COMMENT ON COLUMN allwise.w3sigmpro IS 'Uncertainty of W3 [mag]';
COMMENT ON COLUMN allwise.w4sigmpro IS 'Uncertainty of W4 [mag]';
COMMENT ON COLUMN allwise.j_m_2mass IS 'Magnitude J of the 2MASS source [mag]';
COMMENT ON COLUMN allwise.h_m_2mass IS 'Magnitude H of the 2MASS source [mag]';
COMMENT ON COLUMN allwise.k_m_2mass IS 'Magnitude K of the 2MASS source [mag]';
COMMENT ON COLUMN allwise.j_msig_2mass IS 'Uncertainty of J [mag]';
COMMENT ON COLUMN allwise.h_msig_2mass IS 'Uncertainty of H [mag]';
COMMENT ON COLUMN allwise.k_msig_2mass IS 'Uncertainty of K [mag]';

CREATE TABLE magstat (
  oid character varying NOT NULL,
  fid integer NOT NULL,
  stellar boolean NOT NULL,
  corrected boolean NOT NULL,
  ndet integer NOT NULL,
  ndubious integer NOT NULL,
  dmdt_first double precision,
  dm_first double precision,
  sigmadm_first double precision,
  dt_first double precision,
  magmean double precision,
  magmedian double precision,
  magmax double precision,
  magmin double precision,
  magsigma double precision,
  maglast double precision,
  magfirst double precision,
  magmean_corr double precision,
  magmedian_corr double precision,
  magmax_corr double precision,
  magmin_corr double precision,
  magsigma_corr double precision,
  maglast_corr double precision,
  magfirst_corr double precision,
  firstmjd double precision,
  lastmjd double precision,
  step_id_corr character varying NOT NULL,
  saturation_rate double precision,
  CONSTRAINT magstat_pkey PRIMARY KEY (oid, fid)
);
CREATE INDEX ix_magstats_dmdt_first ON magstat USING btree (dmdt_first);
CREATE INDEX ix_magstats_firstmjd ON magstat USING btree (firstmjd);
CREATE INDEX ix_magstats_lastmjd ON magstat USING btree (lastmjd);
CREATE INDEX ix_magstats_magfirst ON magstat USING btree (magfirst);
CREATE INDEX ix_magstats_maglast ON magstat USING btree (maglast);
CREATE INDEX ix_magstats_magmean ON magstat USING btree (magmean);
CREATE INDEX ix_magstats_magmin ON magstat USING btree (magmin);
CREATE INDEX ix_magstats_ndet ON magstat USING btree (ndet);
CREATE INDEX ix_magstats_oid ON magstat USING hash (oid);
COMMENT ON COLUMN magstat.oid IS 'Object identifier';
COMMENT ON COLUMN magstat.fid IS 'Filter: 1 g, 2 r, 3 i';
COMMENT ON COLUMN magstat.stellar IS 'Whether the nearest reference source is a star';
COMMENT ON COLUMN magstat.corrected IS 'Whether the magnitudes could be corrected';
COMMENT ON COLUMN magstat.ndet IS 'Detections in the filter';
COMMENT ON COLUMN magstat.ndubious IS 'Detections whose correction is dubious';
COMMENT ON COLUMN magstat.dmdt_first IS 'Slope between the last non-detection and the first detection [mag/d]';
COMMENT ON COLUMN magstat.dm_first IS 'Magnitude step of that slope [mag]';
COMMENT ON COLUMN magstat.sigmadm_first IS 'Uncertainty of that step [mag]';
COMMENT ON COLUMN magstat.dt_first IS 'Time of that step [d]';
COMMENT ON COLUMN magstat.magmean IS 'Mean magnitude [mag]';
COMMENT ON COLUMN magstat.magmedian IS 'Median magnitude [mag]';
COMMENT ON COLUMN magstat.magmax IS 'Faintest magnitude [mag]';
COMMENT ON COLUMN magstat.magmin IS 'Brightest magnitude [mag]';
COMMENT ON COLUMN magstat.magsigma IS 'Scatter of the magnitudes [mag]';
COMMENT ON COLUMN magstat.maglast IS 'Last magnitude [mag]';
COMMENT ON COLUMN magstat.magfirst IS 'First magnitude [mag]';
COMMENT ON COLUMN magstat.magmean_corr IS 'Mean corrected magnitude [mag]';
COMMENT ON COLUMN magstat.magmedian_corr IS 'Median corrected magnitude [mag]';
COMMENT ON COLUMN magstat.magmax_corr IS 'Faintest corrected magnitude [mag]';
COMMENT ON COLUMN magstat.magmin_corr IS 'Brightest corrected magnitude [mag]';
COMMENT ON COLUMN magstat.magsigma_corr IS 'Scatter of the corrected magnitudes [mag]';
COMMENT ON COLUMN magstat.maglast_corr IS 'Last corrected magnitude [mag]';
COMMENT ON COLUMN magstat.magfirst_corr IS 'First corrected magnitude [mag]';
COMMENT ON COLUMN magstat.firstmjd IS 'First detection in the filter, modified Julian date [d]';
COMMENT ON COLUMN magstat.lastmjd IS 'Last detection in the filter, modified Julian date [d]';
COMMENT ON COLUMN magstat.step_id_corr IS 'Version of the correction step';
COMMENT ON COLUMN magstat.saturation_rate IS 'Share of the detections that are saturated, 0 to 1';

CREATE TABLE non_detection (
  oid character varying NOT NULL,
  fid integer NOT NULL,
  mjd double precision NOT NULL,
  diffmaglim double precision,
  CONSTRAINT non_detection_pkey PRIMARY KEY (oid, fid, mjd)
);
CREATE INDEX ix_non_detection_oid ON non_detection USING hash (oid);
COMMENT ON COLUMN non_detection.oid IS 'Object identifier';
COMMENT ON COLUMN non_detection.fid IS 'Filter: 1 g, 2 r, 3 i';
COMMENT ON COLUMN non_detection.mjd IS 'Start of the exposure, modified Julian date [d]';
COMMENT ON COLUMN non_detection.diffmaglim IS 'Expected 5-sigma limit of the difference image [mag]';

CREATE TABLE detection (
  candid bigint NOT NULL,
  oid character varying NOT NULL,
  mjd double precision NOT NULL,
  fid integer NOT NULL,
  pid double precision NOT NULL,
  diffmaglim double precision,
  isdiffpos integer NOT NULL,
  nid integer,
  ra double precision NOT NULL,
  "dec" double precision NOT NULL,
  magpsf double precision NOT NULL,
  sigmapsf double precision NOT NULL,
  magap double precision,
  sigmagap double precision,
  distnr double precision,
  rb double precision,
  rbversion character varying,
  drb double precision,
  drbversion character varying,
  magapbig double precision,
  sigmagapbig double precision,
  rfid integer,
  magpsf_corr double precision,
  sigmapsf_corr double precision,
  sigmapsf_corr_ext double precision,
  corrected boolean NOT NULL,
  dubious boolean NOT NULL,
  parent_candid bigint,
  has_stamp boolean NOT NULL,
  step_id_corr character varying NOT NULL,
  CONSTRAINT detection_pkey PRIMARY KEY (candid, oid)
);
CREATE INDEX ix_ndetection_oid ON detection USING hash (oid);
COMMENT ON COLUMN detection.candid IS 'Alert''s candidate identifier';
COMMENT ON COLUMN detection.oid IS 'Object identifier';
COMMENT ON COLUMN detection.mjd IS 'Start of the exposure, modified Julian date [d]';
COMMENT ON COLUMN detection.fid IS 'Filter: 1 g, 2 r, 3 i';
COMMENT ON COLUMN detection.pid IS 'Processing identifier of the image';
COMMENT ON COLUMN detection.diffmaglim IS 'Expected 5-sigma limit of the difference image [mag]';
COMMENT ON COLUMN detection.isdiffpos IS '1 where the source is brighter than the reference, -1 where it is fainter';
COMMENT ON COLUMN detection.nid IS 'Night identifier';
COMMENT ON COLUMN detection.ra IS 'Right ascension, J2000 [deg]';
COMMENT ON COLUMN detection."dec" IS 'Declination, J2000 [deg]';
COMMENT ON COLUMN detection.magpsf IS 'Magnitude from PSF-fit photometry [mag]';
COMMENT ON COLUMN detection.sigmapsf IS 'Uncertainty of magpsf [mag]';
COMMENT ON COLUMN detection.magap IS 'Magnitude in an aperture 14 pixels across [mag]';
COMMENT ON COLUMN detection.sigmagap IS 'Uncertainty of magap [mag]';
COMMENT ON COLUMN detection.distnr IS 'Distance to the nearest source of the reference image [pixel]';
COMMENT ON COLUMN detection.rb IS 'Real-bogus score, 0 to 1';
COMMENT ON COLUMN detection.rbversion IS 'Version of the real-bogus model';
COMMENT ON COLUMN detection.drb IS 'Real-bogus score of the deep-learning model, 0 to 1';
COMMENT ON COLUMN detection.drbversion IS 'Version of the deep-learning model';
COMMENT ON COLUMN detection.magapbig IS 'Magnitude in an aperture 18 pixels across [mag]';
COMMENT ON COLUMN detection.sigmagapbig IS 'Uncertainty of magapbig [mag]';
COMMENT ON COLUMN detection.rfid IS 'Processing identifier of the reference image';
COMMENT ON COLUMN detection.magpsf_corr IS 'Magnitude corrected for the reference source [mag]';
COMMENT ON COLUMN detection.sigmapsf_corr IS 'Uncertainty of magpsf_corr [mag]';
COMMENT ON COLUMN detection.sigmapsf_corr_ext IS 'Uncertainty of magpsf_corr for an extended source [mag]';
COMMENT ON COLUMN detection.corrected IS 'Whether the magnitude could be corrected';
COMMENT ON COLUMN detection.dubious IS 'Whether the correction is dubious';
COMMENT ON COLUMN detection.parent_candid IS 'Alert that told of this detection, where it is not its own';
COMMENT ON COLUMN detection.has_stamp IS 'Whether it came as an alert of its own, with images';
COMMENT ON COLUMN detection.step_id_corr IS 'Version of the correction step';

CREATE TABLE dataquality (
  candid bigint NOT NULL,
  oid character varying NOT NULL,
  fid integer NOT NULL,
  xpos double precision,
  ypos double precision,
  chipsf double precision,
  sky double precision,
  fwhm double precision,
  classtar double precision,
  mindtoedge double precision,
  seeratio double precision,
  aimage double precision,
  bimage double precision,
  aimagerat double precision,
  bimagerat double precision,
  nneg integer,
  nbad integer,
  sumrat double precision,
  scorr double precision,
  dsnrms double precision,
  ssnrms double precision,
  magzpsci double precision,
  magzpsciunc double precision,
  magzpscirms double precision,
  nmatches integer,
  clrcoeff double precision,
  clrcounc double precision,
  zpclrcov double precision,
  zpmed double precision,
  clrmed double precision,
  clrrms double precision,
  exptime double precision,
  CONSTRAINT dataquality_pkey PRIMARY KEY (candid, oid)
);
COMMENT ON COLUMN dataquality.candid IS 'Alert''s candidate identifier';
COMMENT ON COLUMN dataquality.oid IS 'Object identifier';
COMMENT ON COLUMN dataquality.fid IS 'Filter: 1 g, 2 r, 3 i';
COMMENT ON COLUMN dataquality.xpos IS 'Position on the image, x [pixel]';
COMMENT ON COLUMN dataquality.ypos IS 'Position on the image, y [pixel]';
COMMENT ON COLUMN dataquality.chipsf IS 'Reduced chi-square of the PSF fit';
COMMENT ON COLUMN dataquality.sky IS 'Local sky background [DN]';
COMMENT ON COLUMN dataquality.fwhm IS 'Full width at half maximum of a Gaussian core [pixel]';
COMMENT ON COLUMN dataquality.classtar IS 'Star-galaxy score of SExtractor, 0 to 1';
COMMENT ON COLUMN dataquality.mindtoedge IS 'Distance to the nearest edge of the image [pixel]';
COMMENT ON COLUMN dataquality.seeratio IS 'Width of the difference image over width of the science image';
COMMENT ON COLUMN dataquality.aimage IS 'RMS along the major axis of the profile [pixel]';
COMMENT ON COLUMN dataquality.bimage IS 'RMS along the minor axis of the profile [pixel]';
COMMENT ON COLUMN dataquality.aimagerat IS 'aimage over fwhm';
COMMENT ON COLUMN dataquality.bimagerat IS 'bimage over fwhm';
COMMENT ON COLUMN dataquality.nneg IS 'Negative pixels in a 5 by 5 stamp';
COMMENT ON COLUMN dataquality.nbad IS 'Bad pixels in a 5 by 5 stamp';
COMMENT ON COLUMN dataquality.sumrat IS 'Sum of the pixels over sum of their absolute values';
COMMENT ON COLUMN dataquality.scorr IS 'Signal to noise of the peak pixel';
COMMENT ON COLUMN dataquality.dsnrms IS 'Deviation of the difference image at the position, in standard deviations';
COMMENT ON COLUMN dataquality.ssnrms IS 'Deviation of the score image at the position, in standard deviations';
COMMENT ON COLUMN dataquality.magzpsci IS 'Zero point of the photometry [mag]';
COMMENT ON COLUMN dataquality.magzpsciunc IS 'Uncertainty of magzpsci [mag]';
COMMENT ON COLUMN dataquality.magzpscirms IS 'RMS of the instrumental magnitudes against Pan-STARRS1 [mag]';
COMMENT ON COLUMN dataquality.nmatches IS 'Pan-STARRS1 calibrators used';
COMMENT ON COLUMN dataquality.clrcoeff IS 'Colour coefficient of the calibration';
COMMENT ON COLUMN dataquality.clrcounc IS 'Uncertainty of clrcoeff';
COMMENT ON COLUMN dataquality.zpclrcov IS 'Covariance of magzpsci and clrcoeff';
COMMENT ON COLUMN dataquality.zpmed IS 'Median zero point of the calibrators [mag]';
COMMENT ON COLUMN dataquality.clrmed IS 'Median colour of the calibrators [mag]';
COMMENT ON COLUMN dataquality.clrrms IS 'RMS colour of the calibrators [mag]';
COMMENT ON COLUMN dataquality.exptime IS 'Exposure time [s]';

CREATE TABLE gaia_ztf (
  oid character varying NOT NULL,
  candid bigint NOT NULL,
  neargaia double precision,
  neargaiabright double precision,
  maggaia double precision,
  maggaiabright double precision,
  unique1 boolean NOT NULL,
  CONSTRAINT gaia_ztf_pkey PRIMARY KEY (oid)
);
COMMENT ON COLUMN gaia_ztf.oid IS 'Object identifier';
COMMENT ON COLUMN gaia_ztf.candid IS 'Alert that told of it';
COMMENT ON COLUMN gaia_ztf.neargaia IS 'Distance to the nearest Gaia source [arcsec]';
COMMENT ON COLUMN gaia_ztf.neargaiabright IS 'Distance to the nearest Gaia source brighter than 14 [arcsec]';
COMMENT ON COLUMN gaia_ztf.maggaia IS 'Magnitude G of the nearest source [mag]';
COMMENT ON COLUMN gaia_ztf.maggaiabright IS 'Magnitude G of the nearest bright source [mag]';
COMMENT ON COLUMN gaia_ztf.unique1 IS 'Whether every alert named the same source';

CREATE TABLE ss_ztf (
  oid character varying NOT NULL,
  candid bigint NOT NULL,
  ssdistnr double precision,
  ssmagnr double precision,
  ssnamenr character varying,
  CONSTRAINT ss_ztf_pkey PRIMARY KEY (oid)
);
CREATE INDEX ix_ss_ztf_candid ON ss_ztf USING btree (candid);
CREATE INDEX ix_ss_ztf_ssnamenr ON ss_ztf USING btree (ssnamenr);
COMMENT ON COLUMN ss_ztf.oid IS 'Object identifier';
COMMENT ON COLUMN ss_ztf.candid IS 'Alert that told of it';
COMMENT ON COLUMN ss_ztf.ssdistnr IS 'Distance to the nearest known solar system object within 30 arcsec [arcsec]';
COMMENT ON COLUMN ss_ztf.ssmagnr IS 'Its magnitude [mag]';
COMMENT ON COLUMN ss_ztf.ssnamenr IS 'Its name';

CREATE TABLE ps1_ztf (
  oid character varying NOT NULL,
  candid bigint NOT NULL,
  objectidps1 double precision,
  sgmag1 double precision,
  srmag1 double precision,
  simag1 double precision,
  szmag1 double precision,
  sgscore1 double precision,
  distpsnr1 double precision,
  objectidps2 double precision,
  sgmag2 double precision,
  srmag2 double precision,
  simag2 double precision,
  szmag2 double precision,
  sgscore2 double precision,
  distpsnr2 double precision,
  objectidps3 double precision,
  sgmag3 double precision,
  srmag3 double precision,
  simag3 double precision,
  szmag3 double precision,
  sgscore3 double precision,
  distpsnr3 double precision,
  nmtchps integer NOT NULL,
  unique1 boolean NOT NULL,
  unique2 boolean NOT NULL,
  unique3 boolean NOT NULL,
  CONSTRAINT ps1_ztf_pkey PRIMARY KEY (oid, candid)
);
COMMENT ON COLUMN ps1_ztf.oid IS 'Object identifier';
COMMENT ON COLUMN ps1_ztf.candid IS 'Alert that told of it';
COMMENT ON COLUMN ps1_ztf.objectidps1 IS 'Pan-STARRS1 identifier of the nearest source';
COMMENT ON COLUMN ps1_ztf.sgmag1 IS 'Magnitude g of the nearest source [mag]';
COMMENT ON COLUMN ps1_ztf.srmag1 IS 'Magnitude r of the nearest source [mag]';
COMMENT ON COLUMN ps1_ztf.simag1 IS 'Magnitude i of the nearest source [mag]';
COMMENT ON COLUMN ps1_ztf.szmag1 IS 'Magnitude z of the nearest source [mag]';
COMMENT ON COLUMN ps1_ztf.sgscore1 IS 'Star-galaxy score of the nearest source, 1 for a star';
COMMENT ON COLUMN ps1_ztf.distpsnr1 IS 'Distance to the nearest source [arcsec]';
COMMENT ON COLUMN ps1_ztf.objectidps2 IS 'Pan-STARRS1 identifier of the second nearest source';
COMMENT ON COLUMN ps1_ztf.sgmag2 IS 'Magnitude g of the second nearest source [mag]';
COMMENT ON COLUMN ps1_ztf.srmag2 IS 'Magnitude r of the second nearest source [mag]';
COMMENT ON COLUMN ps1_ztf.simag2 IS 'Magnitude i of the second nearest source [mag]';
COMMENT ON COLUMN ps1_ztf.szmag2 IS 'Magnitude z of the second nearest source [mag]';
COMMENT ON COLUMN ps1_ztf.sgscore2 IS 'Star-galaxy score of the second nearest source, 1 for a star';
COMMENT ON COLUMN ps1_ztf.distpsnr2 IS 'Distance to the second nearest source [arcsec]';
COMMENT ON COLUMN ps1_ztf.objectidps3 IS 'Pan-STARRS1 identifier of the third nearest source';
COMMENT ON COLUMN ps1_ztf.sgmag3 IS 'Magnitude g of the third nearest source [mag]';
COMMENT ON COLUMN ps1_ztf.srmag3 IS 'Magnitude r of the third nearest source [mag]';
COMMENT ON COLUMN ps1_ztf.simag3 IS 'Magnitude i of the third nearest source [mag]';
COMMENT ON COLUMN ps1_ztf.szmag3 IS 'Magnitude z of the third nearest source [mag]';
COMMENT ON COLUMN ps1_ztf.sgscore3 IS 'Star-galaxy score of the third nearest source, 1 for a star';
COMMENT ON COLUMN ps1_ztf.distpsnr3 IS 'Distance to the third nearest source [arcsec]';
COMMENT ON COLUMN ps1_ztf.nmtchps IS 'Sources of Pan-STARRS1 within 30 arcsec';
COMMENT ON COLUMN ps1_ztf.unique1 IS 'Whether every alert named the same nearest source';
COMMENT ON COLUMN ps1_ztf.unique2 IS 'Whether every alert named the same second nearest source';
COMMENT ON COLUMN ps1_ztf.unique3 IS 'Whether every alert named the same third nearest source';

CREATE TABLE reference (
  oid character varying NOT NULL,
  rfid bigint NOT NULL,
  candid bigint NOT NULL,
  fid integer NOT NULL,
  rcid integer,
  field integer,
  magnr double precision,
  sigmagnr double precision,
  chinr double precision,
  sharpnr double precision,
  ranr double precision NOT NULL,
  decnr double precision NOT NULL,
  mjdstartref double precision NOT NULL,
  mjdendref double precision NOT NULL,
  nframesref integer NOT NULL,
  CONSTRAINT reference_pkey PRIMARY KEY (oid, rfid)
);
CREATE INDEX ix_reference_fid ON reference USING btree (fid);
COMMENT ON COLUMN reference.oid IS 'Object identifier';
COMMENT ON COLUMN reference.rfid IS 'Processing identifier of the reference image';
COMMENT ON COLUMN reference.candid IS 'Alert that told of it';
COMMENT ON COLUMN reference.fid IS 'Filter: 1 g, 2 r, 3 i';
COMMENT ON COLUMN reference.rcid IS 'Readout channel, 0 to 63';
COMMENT ON COLUMN reference.field IS 'Survey field';
COMMENT ON COLUMN reference.magnr IS 'Magnitude of the nearest source [mag]';
COMMENT ON COLUMN reference.sigmagnr IS 'Uncertainty of magnr [mag]';
COMMENT ON COLUMN reference.chinr IS 'DAOPhot chi of the nearest source';
COMMENT ON COLUMN reference.sharpnr IS 'DAOPhot sharp of the nearest source';
COMMENT ON COLUMN reference.ranr IS 'Right ascension of the nearest source, J2000 [deg]';
COMMENT ON COLUMN reference.decnr IS 'Declination of the nearest source, J2000 [deg]';
COMMENT ON COLUMN reference.mjdstartref IS 'First exposure of the reference image, modified Julian date [d]';
COMMENT ON COLUMN reference.mjdendref IS 'Last exposure of the reference image, modified Julian date [d]';
COMMENT ON COLUMN reference.nframesref IS 'Exposures in the reference image';

CREATE TABLE pipeline (
  pipeline_id character varying NOT NULL,
  step_id_corr character varying,
  step_id_feat character varying,
  step_id_clf character varying,
  step_id_out character varying,
  step_id_stamp character varying,
  date timestamp without time zone NOT NULL,
  CONSTRAINT pipeline_pkey PRIMARY KEY (pipeline_id)
);
COMMENT ON COLUMN pipeline.pipeline_id IS 'Identifier of the pipeline';
COMMENT ON COLUMN pipeline.step_id_corr IS 'Correction step';
COMMENT ON COLUMN pipeline.step_id_feat IS 'Feature step';
COMMENT ON COLUMN pipeline.step_id_clf IS 'Classification step';
COMMENT ON COLUMN pipeline.step_id_out IS 'Outlier step';
COMMENT ON COLUMN pipeline.step_id_stamp IS 'Stamp step';
COMMENT ON COLUMN pipeline.date IS 'When it was put to use, UTC';
ALTER TABLE probability ADD CONSTRAINT probability_oid_fkey FOREIGN KEY (oid) REFERENCES object(oid);
ALTER TABLE feature_version ADD CONSTRAINT feature_version_step_id_feature_fkey FOREIGN KEY (step_id_feature) REFERENCES step(step_id);
ALTER TABLE feature_version ADD CONSTRAINT feature_version_step_id_preprocess_fkey FOREIGN KEY (step_id_preprocess) REFERENCES step(step_id);
ALTER TABLE feature ADD CONSTRAINT feature_oid_fkey FOREIGN KEY (oid) REFERENCES object(oid);
ALTER TABLE feature ADD CONSTRAINT feature_version_fkey FOREIGN KEY (version) REFERENCES feature_version(version);
ALTER TABLE xmatch ADD CONSTRAINT xmatch_oid_fkey FOREIGN KEY (oid) REFERENCES object(oid);
ALTER TABLE magstat ADD CONSTRAINT magstat_oid_fkey FOREIGN KEY (oid) REFERENCES object(oid);
ALTER TABLE non_detection ADD CONSTRAINT non_detection_oid_fkey FOREIGN KEY (oid) REFERENCES object(oid);
ALTER TABLE detection ADD CONSTRAINT detection_oid_fkey FOREIGN KEY (oid) REFERENCES object(oid);
ALTER TABLE dataquality ADD CONSTRAINT dataquality_candid_oid_fkey FOREIGN KEY (candid, oid) REFERENCES detection(candid, oid);
ALTER TABLE gaia_ztf ADD CONSTRAINT gaia_ztf_oid_fkey FOREIGN KEY (oid) REFERENCES object(oid);
ALTER TABLE ss_ztf ADD CONSTRAINT ss_ztf_oid_fkey FOREIGN KEY (oid) REFERENCES object(oid);
ALTER TABLE ps1_ztf ADD CONSTRAINT ps1_ztf_oid_fkey FOREIGN KEY (oid) REFERENCES object(oid);
ALTER TABLE reference ADD CONSTRAINT reference_oid_fkey FOREIGN KEY (oid) REFERENCES object(oid);
