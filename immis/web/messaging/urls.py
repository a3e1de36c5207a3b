"""Addresses of the inbox, the log of deliveries, registered SMS texts, reports, and the phones of training."""

from django.urls import path

from immis.web.messaging import inbox, mails, office_log, office_texts, reports, settlee, training

urlpatterns = [
    path("messages/", inbox.inbox, name="messages"),
    path("leases/<slug:code>/mails/", mails.lease_mails, name="lease_mails"),
    path("messages/wish/", settlee.wish, name="message_wish"),
    path("messages/<id:message_id>/", inbox.message, name="message"),
    path("office/deliveries/", office_log.log, name="deliveries"),
    path("office/deliveries/<id:pk>/", office_log.delivery, name="delivery"),
    path("office/contacts/<id:pk>/", office_log.contact, name="contact"),
    path("office/sms-texts/", office_texts.index, name="sms_texts"),
    path("office/sms-texts/lacking/", office_texts.lacking, name="sms_texts_lacking"),
    path("office/sms-texts/new/", office_texts.text_new, name="sms_text_new"),
    path("office/sms-texts/import/", office_texts.texts_import, name="sms_texts_import"),
    path("office/sms-texts/<id:pk>/", office_texts.text, name="sms_text"),
    path("sms/reports/<slug:key>/", reports.report, name="sms_report"),
    path("training/phones/", training.phones, name="training_phones"),
]
